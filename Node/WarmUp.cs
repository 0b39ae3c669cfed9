using System.Security.Cryptography;
using Fragcast.Execution.Trie;
using Fragcast.Gossip;
using Fragcast.Gossip.Verification;
using Fragcast.Gossip.Wire;
using Fragcast.Node.Config;
using Fragcast.Node.Stages;
using Fragcast.Primitives.Messages;
using Fragcast.Primitives.Transactions;
using Fragcast.Schedule;

namespace Fragcast.Node;

/// <summary>
/// Takes the first blocks of a plan through the whole way once or more inside the process: built, signed, wrapped,
/// checked, decoded, replayed, compared. The runtime compiles what the hot path uses before the first real frag comes,
/// and a library that is missing shows at the start.
/// </summary>
internal static class WarmUp
{
    /// <summary>Runs the blocks of the plan's first epoch.</summary>
    /// <param name="plan">The blocks.</param>
    /// <param name="rounds">How often; 0 does nothing.</param>
    /// <param name="fragsPerBlock">Frags a block is cut into.</param>
    /// <param name="crew">Threads that hash in the background.</param>
    /// <exception cref="InvalidOperationException">A block came out differently from how it was built.</exception>
    public static void Run(ChainPlan plan, int rounds, int fragsPerBlock, TrieCrew? crew = null)
    {
        // A key of its own that nobody's schedule knows.
        byte[] key = RandomNumberGenerator.GetBytes(32);
        var schedule = new RoundRobinSchedule([SequencerKeys.AddressOf(key, "warm-up")], firstBlock: 0);
        using var writer = new EnvelopeWriter(plan.NetworkId, key);
        for (int round = 0; round < rounds; round++)
        {
            var gate = new MessageGate(schedule, plan.NetworkId);
            var builder = new Chain(plan, crew);
            var follower = new Chain(plan, crew);
            while (!builder.IsAtEndOfEpoch)
            {
                gate.SetHead(0, builder.HeadNumber);
                RunBlock(builder, follower, gate, writer, fragsPerBlock);
            }
        }
    }

    private static void RunBlock(Chain builder, Chain follower, MessageGate gate, EnvelopeWriter writer, int frags)
    {
        ulong number = builder.HeadNumber + 1;
        Transaction[] pool = builder.PoolOfNextBlock();
        Expect(follower.Open(Receive(gate, writer.Write(0, builder.OpenOwn())).Env!), number);
        Transaction[][] parts = [.. pool.Chunk(Math.Max(1, (pool.Length + frags - 1) / frags))];
        for (int seq = 0; seq < parts.Length; seq++)
        {
            ReadOnlyMemory<byte>[] raw = [.. builder.ApplyOwn(parts[seq]).Select(t => t.Raw)];
            var head = new FragHeader(number, (ulong)seq, seq == parts.Length - 1);
            GossipMessage frag = Receive(gate, writer.Write(0, head, raw));
            Expect(
                VerifyStage.TryDecode(frag, out Transaction[] transactions)
                    ? follower.Apply(transactions)
                    : Refusal.UndecodableTransaction,
                number);
        }

        Expect(follower.Commit(Receive(gate, writer.Write(0, builder.CommitOwn((ulong)parts.Length))).Seal!), number);
    }

    private static GossipMessage Receive(MessageGate gate, ReadOnlySpan<byte> framed)
    {
        Refusal refusal = gate.Check(framed[GreetingLayout.LengthPrefix..].ToArray(), out GossipMessage message);
        Expect(refusal, message.Place.BlockNumber);
        return message;
    }

    private static void Expect(Refusal refusal, ulong number)
    {
        if (refusal != Refusal.None)
        {
            throw new InvalidOperationException($"block {number} cannot be replayed from its own frags: {refusal}");
        }
    }
}
