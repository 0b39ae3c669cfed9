using Fragcast.Gossip;
using Fragcast.Gossip.Wire;
using Fragcast.Primitives;
using Fragcast.Primitives.Messages;
using Fragcast.Primitives.Transactions;

namespace Fragcast.Node.Tests.Stages;

/// <summary>
/// What a follower does with everything that can be wrong with a leader's messages: refuse, count, keep the good
/// prefix, go on.
/// </summary>
public sealed class FollowerTests : IDisposable
{
    private const int FragsPerBlock = 5;

    private static readonly byte[][] Keys = [Key(1), Key(2)];
    private static readonly byte[] StrangerKey = Key(3);

    private readonly ChainPlan _plan = ChainPlan.Load(DemoBlocks.Files, repeat: 2);
    private readonly Chain _leaderChain;
    private readonly TestNetwork _network;
    private readonly ScriptedBlock _block;
    private readonly TemporaryFolder _folder = new();
    private readonly EvidenceFolder _evidence;
    private readonly EnvelopeWriter _leader;
    private readonly EnvelopeWriter _other;
    private readonly EnvelopeWriter _stranger;

    public FollowerTests()
    {
        _leaderChain = new Chain(_plan);
        _evidence = EvidenceFolder.Open(_folder.File("evidence"));
        _network = new TestNetwork(_plan, _evidence, Keys);
        _block = ScriptedBlock.Build(_leaderChain, FragsPerBlock);
        int leader = _network.LeaderOf(_block.Number);
        _leader = Writer(Keys[leader]);
        _other = Writer(Keys[1 - leader]);
        _stranger = Writer(StrangerKey);
    }

    public void Dispose()
    {
        _network.Dispose();
        _leader.Dispose();
        _other.Dispose();
        _stranger.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Blocks_OfTwoLeadersInOrder_BecomeTheRealChain()
    {
        foreach ((uint epoch, ulong number, string hash) in _plan.ExpectedBlocks().Take(3))
        {
            ScriptedBlock block = number == _block.Number ? _block : ScriptedBlock.Build(_leaderChain, FragsPerBlock);
            using EnvelopeWriter writer = Writer(Keys[_network.LeaderOf(number)]);
            SendAll(block, writer);
            CommittedBlock committed = _network.WaitForBlock();
            Assert.Equal((epoch, number, hash), (committed.Epoch, committed.Number, committed.Hash));
        }

        Assert.Equal(0, _network.Follower.Refusals.Ledger.Total);
    }

    [Fact]
    public void Block_ReversedAndWithTheNextBlockFirst_IsCommitted()
    {
        ScriptedBlock next = ScriptedBlock.Build(_leaderChain, FragsPerBlock);
        SendAll(next, _other);
        foreach (byte[] message in _block.All(_leader).Reverse())
        {
            _network.Send(message);
        }

        Assert.Equal(_block.Seal.BlockHash.ToString(), _network.WaitForBlock().Hash);
        Assert.Equal(next.Seal.BlockHash.ToString(), _network.WaitForBlock().Hash);
        Assert.Equal(0, _network.Follower.Refusals.Ledger.Total);
    }

    [Fact]
    public void Frag_BrokenInAnyWay_IsRefusedAndTheBlockGoesOn()
    {
        _network.Send(_leader.Write(0, _block.Env));
        SendFrag(0);
        SendFrag(1);
        _network.WaitForFrags(2);
        (FragHeader head, ReadOnlyMemory<byte>[] transactions) = _block.Frag(2);

        // Signed by a stranger, by the sequencer who is not on turn, with a broken signature.
        _network.SendAndExpect(Refusal.BadSignature, _stranger.Write(0, head, transactions));
        _network.SendAndExpect(Refusal.NotLeader, _other.Write(0, head, transactions));
        byte[] broken = _leader.Write(0, head, transactions).ToArray();
        broken[GreetingLayout.LengthPrefix + EnvelopeLayout.SignatureOffset + 5] ^= 1;
        _network.SendAndExpect(Refusal.BadSignature, broken);

        // For a block that is over, for one far ahead, repeated.
        FragHeader old = head with { BlockNumber = _block.Number - 2 };
        _network.SendAndExpect(Refusal.Stale, _leader.Write(0, old, transactions));
        FragHeader far = head with { BlockNumber = _block.Number + 100 };
        _network.SendAndExpect(Refusal.TooFarAhead, _leader.Write(0, far, transactions));
        (FragHeader first, ReadOnlyMemory<byte>[] firstTransactions) = _block.Frag(0);
        _network.SendAndExpect(Refusal.Duplicate, _leader.Write(0, first, firstTransactions));

        // With bytes that are no transaction, with bytes that are no frag, with a transaction that is invalid here.
        ReadOnlyMemory<byte>[] undecodable = [.. transactions, new byte[] { 2, 0xC1 }];
        _network.SendAndExpect(Refusal.UndecodableTransaction, _leader.Write(0, head, undecodable));
        byte[] noFrag = _leader.Write(0, head, transactions).ToArray();
        noFrag[^(transactions.Sum(t => t.Length) + 1)] ^= 0xFF;
        _network.SendAndExpect(Refusal.Undecodable, noFrag);
        ReadOnlyMemory<byte>[] again = [.. transactions, .. ScriptedBlock.Raw(_block.Frags[1])];
        _network.SendAndExpect(Refusal.InvalidTransaction, _leader.Write(0, head, again));

        // The good prefix stands, and the block is committed from it.
        Assert.Equal(2, _network.Follower.Execute.Frags);
        for (int seq = 2; seq < FragsPerBlock; seq++)
        {
            SendFrag(seq);
        }

        _network.Send(_leader.Write(0, _block.Seal));
        Assert.Equal(_block.Seal.BlockHash.ToString(), _network.WaitForBlock().Hash);
        Assert.Equal(1, _network.Log.Count("NotLeader"));
        Assert.Equal(1, _network.Log.Count("BadSignature"));
    }

    [Fact]
    public void Frag_Early_WaitsForItsTurn()
    {
        _network.Send(_leader.Write(0, _block.Env));
        SendFrag(3);
        SendFrag(2);
        SendFrag(1);
        SendFrag(0);
        _network.WaitForFrags(4);
        Assert.Equal(0, _network.Follower.Refusals.Ledger.Total);
    }

    [Fact]
    public void Frag_AfterTheLast_IsRefused()
    {
        SendAllButTheSeal();
        FragHeader extra = new(_block.Number, FragsPerBlock, IsLast: false);
        _network.SendAndExpect(Refusal.AfterLast, _leader.Write(0, extra, []));
    }

    [Fact]
    public void Seal_WithAnyWrongField_IsRefusedAndTheRightOneCommits()
    {
        SendAllButTheSeal();
        SealV0 seal = _block.Seal;
        Hash256 wrong = Keccak256.Hash([1]);
        (Refusal, SealV0)[] wrongSeals =
        [
            (Refusal.SealTotalFrags, seal with { TotalFrags = seal.TotalFrags + 1 }),
            (Refusal.SealTotalFrags, seal with { TotalFrags = seal.TotalFrags - 1 }),
            (Refusal.SealGasUsed, seal with { GasUsed = seal.GasUsed + 1 }),
            (Refusal.SealGasLimit, seal with { GasLimit = seal.GasLimit + 1 }),
            (Refusal.SealBlobGasUsed, seal with { BlobGasUsed = 1 }),
            (Refusal.SealParentHash, seal with { ParentHash = wrong }),
            (Refusal.SealTransactionsRoot, seal with { TransactionsRoot = wrong }),
            (Refusal.SealReceiptsRoot, seal with { ReceiptsRoot = wrong }),
            (Refusal.SealStateRoot, seal with { StateRoot = wrong }),
            (Refusal.SealBlockHash, seal with { BlockHash = wrong }),
        ];
        foreach ((Refusal reason, SealV0 wrongSeal) in wrongSeals)
        {
            _network.SendAndExpect(reason, _leader.Write(0, wrongSeal));
            Assert.Empty(_network.Committed);
        }

        _network.SendAndExpect(Refusal.NotLeader, _other.Write(0, seal));
        _network.Send(_leader.Write(0, seal));
        Assert.Equal(seal.BlockHash.ToString(), _network.WaitForBlock().Hash);
    }

    [Fact]
    public void Env_ThatBreaksTheRules_IsRefusedAndTheRightOneOpens()
    {
        Hash256 wrong = Keccak256.Hash([1]);
        _network.SendAndExpect(Refusal.WrongParent, _leader.Write(0, _block.Env with { ParentHash = wrong }));
        _network.SendAndExpect(Refusal.BadEnv, _leader.Write(0, _block.Env with { BaseFee = _block.Env.BaseFee + 1 }));
        _network.SendAndExpect(Refusal.BadEnv, _leader.Write(0, _block.Env with { Timestamp = 1 }));
        _network.SendAndExpect(Refusal.NotLeader, _other.Write(0, _block.Env));
        SendAll(_block, _leader);
        Assert.Equal(_block.Seal.BlockHash.ToString(), _network.WaitForBlock().Hash);
    }

    [Fact]
    public void Leader_WhoStartsOver_GetsANewPartialBlock()
    {
        _network.Send(_leader.Write(0, _block.Env));
        SendFrag(0);
        _network.WaitForFrags(1);
        (FragHeader head, _) = _block.Frag(1);
        _network.SendAndExpect(
            Refusal.InvalidTransaction, _leader.Write(0, head, ScriptedBlock.Raw(_block.Frags[0].Skip(1))));

        // The same Env again would be a duplicate; a builder that starts over signs another one.
        EnvV0 env = _block.Env with { PrevRandao = Keccak256.Hash([1]) };
        _network.Send(_leader.Write(0, env));
        TestNetwork.WaitUntil(
            () => _network.Follower.Refusals.Ledger.Count(Refusal.Equivocation) == 1, "the equivocation is counted");
        Assert.Equal((_block.Number, 1), (EvidenceFolder.ReadAll(_folder.File("evidence"))[0].Block, _evidence.Count));
        Transaction[] deposits = _block.Frags[0].Where(t => t.IsDeposit).ToArray();
        _network.Send(_leader.Write(0, new FragHeader(_block.Number, 0, IsLast: false), ScriptedBlock.Raw(deposits)));
        _network.WaitForFrags(2);
    }

    [Fact]
    public void Leader_WhoStartsOverWithABadEnv_LeavesTheFollowerReadyForTheGoodOne()
    {
        _network.Send(_leader.Write(0, _block.Env));
        SendFrag(0);
        _network.WaitForFrags(1);
        (FragHeader head, _) = _block.Frag(1);
        _network.SendAndExpect(
            Refusal.InvalidTransaction, _leader.Write(0, head, ScriptedBlock.Raw(_block.Frags[0].Skip(1))));
        _network.SendAndExpect(Refusal.BadEnv, _leader.Write(0, _block.Env with { GasLimit = 0, Timestamp = 1 }));

        // Nothing is open: a frag waits for the Env that opens.
        _network.Send(_leader.Write(0, new FragHeader(_block.Number, 1, false), ScriptedBlock.Raw(_block.Frags[1])));
        _network.Send(_leader.Write(0, _block.Env with { PrevRandao = Keccak256.Hash([1]) }));
        Transaction[] deposits = _block.Frags[0].Where(t => t.IsDeposit).ToArray();
        _network.Send(_leader.Write(0, new FragHeader(_block.Number, 0, false), ScriptedBlock.Raw(deposits)));
        // The held frag follows the good one at once: three in all.
        _network.WaitForFrags(3);
    }

    [Fact]
    public void Leader_WhoCancelsTheBlock_StartsAfreshAndTheBlockCommits()
    {
        _network.Send(_leader.Write(0, _block.Env with { PrevRandao = Keccak256.Hash([1]) }));
        Transaction[] deposits = _block.Frags[0].Where(t => t.IsDeposit).ToArray();
        _network.Send(_leader.Write(0, new FragHeader(_block.Number, 0, IsLast: false), ScriptedBlock.Raw(deposits)));
        _network.WaitForFrags(1);

        _network.SendAndExpect(Refusal.NotLeader, _other.Write(0, Cancel(0)));
        _network.Send(_leader.Write(0, Cancel(0)));
        TestNetwork.WaitUntil(() => _network.Follower.Execute.Cancels == 1, "the block is cancelled");
        _network.SendAndExpect(Refusal.Voided, _leader.Write(0, new FragHeader(_block.Number, 1, false), []));
        foreach (byte[] message in _block.All(_leader, attempt: 1))
        {
            _network.Send(message);
        }

        Assert.Equal(_block.Seal.BlockHash.ToString(), _network.WaitForBlock().Hash);
        Assert.Equal(0, _network.Follower.Refusals.Ledger.Count(Refusal.Equivocation));
    }

    [Fact]
    public void Leader_WhoCancelsFromAFragOn_KeepsTheGoodPrefix()
    {
        _network.Send(_leader.Write(0, _block.Env));
        SendFrag(0);
        // A good frag with other contents than the block is going to have, and an empty one behind it.
        (FragHeader head, ReadOnlyMemory<byte>[] transactions) = _block.Frag(1);
        _network.Send(_leader.Write(0, head, transactions.AsSpan(0, 1)));
        _network.Send(_leader.Write(0, head with { Seq = 2 }, []));
        _network.WaitForFrags(3);

        _network.Send(_leader.Write(0, Cancel(1)));
        for (int seq = 1; seq < FragsPerBlock; seq++)
        {
            (head, transactions) = _block.Frag(seq);
            _network.Send(_leader.Write(0, head, transactions, attempt: 1));
        }

        _network.Send(_leader.Write(0, _block.Seal, attempt: 1));
        Assert.Equal(_block.Seal.BlockHash.ToString(), _network.WaitForBlock().Hash);
        Assert.Equal(0, _network.Follower.Refusals.Ledger.Total);
    }

    [Fact]
    public void HandOver_OfTheLeader_ComesOut()
    {
        HandOverV0? received = null;
        _network.Follower.Execute.HandOverReceived = handOver => Volatile.Write(ref received, handOver);
        var sent = new HandOverV0
        {
            Number = _block.Number,
            ParentHash = _block.Env.ParentHash,
            LastSeq = 3,
            LastFragRoot = Keccak256.Hash([4]),
            NextLeader = default,
            PendingCount = 12,
        };
        _network.Send(_leader.Write(0, sent));
        TestNetwork.WaitUntil(() => Volatile.Read(ref received) is not null, "the hand-over is there");
        Assert.Equal(sent, received);
    }

    [Fact]
    public void Envelope_OfAnotherNetworkVersionOrKind_IsRefused()
    {
        byte[] message = _leader.Write(0, _block.Env).ToArray();
        byte[] Changed(int offset, byte value)
        {
            byte[] changed = (byte[])message.Clone();
            changed[GreetingLayout.LengthPrefix + offset] = value;
            return changed;
        }

        _network.SendAndExpect(Refusal.WrongNetwork, Changed(EnvelopeLayout.NetworkIdOffset, 0));
        _network.SendAndExpect(Refusal.UnknownVersion, Changed(EnvelopeLayout.VersionOffset, 9));
        _network.SendAndExpect(Refusal.UnknownKind, Changed(EnvelopeLayout.KindOffset, 9));
        _network.SendAndExpect(Refusal.Truncated, [3, 0, 0, 0, 1, 2, 3]);
        SendAll(_block, _leader);
        _network.WaitForBlock();
    }

    private static byte[] Key(byte fill)
    {
        var key = new byte[32];
        key.AsSpan().Fill(fill);
        return key;
    }

    private CancelV0 Cancel(ulong fromSeq) => new()
    {
        BlockNumber = _block.Number,
        ParentHash = _block.Env.ParentHash,
        FromSeq = fromSeq,
        Reason = CancelReason.BuilderRestart,
    };

    private EnvelopeWriter Writer(byte[] key) => new(_plan.NetworkId, key);

    private void SendFrag(int seq)
    {
        (FragHeader head, ReadOnlyMemory<byte>[] transactions) = _block.Frag(seq);
        _network.Send(_leader.Write(0, head, transactions));
    }

    private void SendAll(ScriptedBlock block, EnvelopeWriter writer)
    {
        foreach (byte[] message in block.All(writer))
        {
            _network.Send(message);
        }
    }

    private void SendAllButTheSeal()
    {
        foreach (byte[] message in _block.All(_leader).SkipLast(1))
        {
            _network.Send(message);
        }

        _network.WaitForFrags(FragsPerBlock);
    }
}
