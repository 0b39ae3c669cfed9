using Fragcast.Gossip.Wire;
using Fragcast.Primitives.Messages;
using Fragcast.Primitives.Transactions;

namespace Fragcast.Node.Tests.Stages;

/// <summary>
/// The messages of one real block as its leader makes them, kept apart so that a test can send them in any order and
/// with anything wrong.
/// </summary>
internal sealed class ScriptedBlock
{
    private ScriptedBlock(EnvV0 env, Transaction[][] frags, SealV0 seal)
    {
        Env = env;
        Frags = frags;
        Seal = seal;
    }

    public EnvV0 Env { get; }

    public Transaction[][] Frags { get; }

    public SealV0 Seal { get; }

    public ulong Number => Env.Number;

    /// <summary>Builds the next block of a chain, which moves on to it.</summary>
    public static ScriptedBlock Build(Chain chain, int fragCount)
    {
        EnvV0 env = chain.OpenOwn();
        Transaction[] pool = chain.PoolOfNextBlock();
        Transaction[][] frags = pool.Chunk((pool.Length + fragCount - 1) / fragCount).ToArray();
        foreach (Transaction[] frag in frags)
        {
            Assert.Equal(frag, chain.ApplyOwn(frag));
        }

        return new ScriptedBlock(env, frags, chain.CommitOwn((ulong)frags.Length));
    }

    /// <summary>A frag of the block as it should be.</summary>
    public (FragHeader Head, ReadOnlyMemory<byte>[] Transactions) Frag(int seq) =>
        (new FragHeader(Number, (ulong)seq, seq == Frags.Length - 1), Raw(Frags[seq]));

    public static ReadOnlyMemory<byte>[] Raw(IEnumerable<Transaction> transactions) =>
        transactions.Select(t => t.Raw).ToArray();

    /// <summary>Every message of the block, framed, in order.</summary>
    public IEnumerable<byte[]> All(EnvelopeWriter writer, uint epoch = 0, byte attempt = 0)
    {
        yield return writer.Write(epoch, Env, attempt).ToArray();
        for (int seq = 0; seq < Frags.Length; seq++)
        {
            (FragHeader head, ReadOnlyMemory<byte>[] transactions) = Frag(seq);
            yield return writer.Write(epoch, head, transactions, attempt).ToArray();
        }

        yield return writer.Write(epoch, Seal, attempt).ToArray();
    }
}
