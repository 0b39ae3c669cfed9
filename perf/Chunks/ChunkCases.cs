using Fragcast.Gossip;
using Fragcast.Gossip.Broadcast;
using Fragcast.Gossip.Chunks;
using Fragcast.Gossip.Chunks.Coding;
using Fragcast.Gossip.Wire;
using Fragcast.Primitives;
using Fragcast.Primitives.Crypto;
using Fragcast.Transport.Buffers;

namespace Fragcast.Perf.Chunks;

/// <summary>What the chunk scenario measures, on one frag of 32 KiB with 32 parity chunks.</summary>
internal sealed class ChunkCases : IDisposable
{
    public const int MessageLength = 32 * 1024;

    private const ulong NetworkId = 1;
    private const int Parity = 32;
    private const int Missing = 8;

    private static readonly ItemPlace Place = new(0, 1, 1, EnvelopeKind.Frag);

    private readonly PinnedBufferPool _pool = new(512);
    private readonly ChunkEncoder _encoder;
    private readonly ChunkVerifier _verifier = new(NetworkId, 2);
    private readonly ChunkVerifier _forgetful = new(NetworkId, 2);
    private readonly ChunkAssembler _assembler = new();
    private readonly byte[] _message = new byte[MessageLength];
    private readonly byte[] _assembled = new byte[MessageLength];
    private readonly BufferLease[] _chunks;
    private readonly BufferLease[] _scratch = new BufferLease[ChunkLayout.TotalMax];
    private readonly ItemHeader _item;
    private readonly Address _leader;
    private readonly byte[][] _firsts;
    private readonly byte[] _digest = new byte[Sha256.DigestSize];
    private bool _isGood;

    public ChunkCases()
    {
        new Random(1).NextBytes(_message);
        byte[] key = [.. Enumerable.Repeat((byte)7, Secp256k1.SecretKeySize)];
        Span<byte> publicKey = stackalloc byte[Secp256k1.PublicKeySize];
        _ = Secp256k1.TryGetPublicKey(key, publicKey);
        _leader = Secp256k1.AddressOf(publicKey);
        _encoder = new ChunkEncoder(NetworkId, key, _pool);
        ChunkShape shape = ShapeWith(Parity);
        Shape = shape.Segment(0);
        _chunks = new BufferLease[Shape.Total];
        if (!_encoder.TryEncode(_message, Place, shape, _chunks, out _item))
            throw new InvalidOperationException("The pool is larger than a frag.");
        _firsts = MakeFirsts();
        All =
        [
            .. Enum.GetValues<FieldPath>().Where(ReedSolomon.IsSupported).SelectMany(CodingCases),
            Encode("encode, coded, hashed and signed", shape, 120),
            Encode("encode, without parity: what a root of the data alone would take", ShapeWith(0), null),
            .. VerifyCases(),
            .. AssembleCases(),
            .. MakeCases(),
            .. PartCases(key),
        ];
    }

    /// <summary>How the frag is cut.</summary>
    public SegmentShape Shape { get; }

    /// <summary>What is measured.</summary>
    public IReadOnlyList<ChunkCase> All { get; }

    public void Dispose()
    {
        foreach (BufferLease chunk in _chunks)
            chunk.Release();
        _encoder.Dispose();
    }

    // The least redundancy that gives so many parity chunks.
    private static ChunkShape ShapeWith(int parity)
    {
        for (int percent = 100; ; percent++)
        {
            ChunkShape shape = ChunkShape.Of(MessageLength, ChunkPlan.Default with { RedundancyPercent = percent });
            SegmentShape segment = shape.Segment(0);
            if (segment.Total - segment.Data >= parity) return shape;
        }
    }

    private ChunkSet Without(int first, int count)
    {
        ChunkSet set = default;
        for (int i = 0; i < Shape.Total; i++)
        {
            if (i < first || i >= first + count) set.Add((byte)i);
        }

        return set;
    }

    /// <summary>Chunks of many places, each with a signature that is looked at.</summary>
    private byte[][] MakeFirsts() => [.. Enumerable.Range(0, 16).Select(i => MakeFrag((ulong)i + 2)[i])];

    private byte[][] MakeFrag(ulong block)
    {
        var chunks = new BufferLease[Shape.Total];
        if (!_encoder.TryEncode(_message, Place with { Block = block }, ShapeWith(Parity), chunks, out _))
            throw new InvalidOperationException("The pool is larger than two frags.");
        byte[][] copies = [.. chunks.Select(chunk => chunk.Span.ToArray())];
        foreach (BufferLease chunk in chunks)
            chunk.Release();
        return copies;
    }

    private IEnumerable<ChunkCase> CodingCases(FieldPath path)
    {
        var code = new ReedSolomon(path);
        byte[] indices = [.. Enumerable.Range(0, Shape.Total).Select(i => (byte)i)];
        int data = Shape.Data;
        yield return Code($"multiply and add, {path}, {Parity} parity chunks from {data}", code,
            indices[..data], indices[data..], path == BestPath);
        yield return Code($"multiply and add, {path}, 1 parity chunk from {data}", code,
            indices[..data], indices[data..(data + 1)], path == BestPath);
        yield return Code($"multiply and add, {path}, {Missing} missing chunks", code,
            indices[Missing..(data + Missing)], indices[..Missing], path == BestPath);
    }

    private static FieldPath BestPath { get; } = new ReedSolomon().Path;

    private unsafe ChunkCase Code(string name, ReedSolomon code, byte[] have, byte[] want, bool isBest)
    {
        int start = ChunkLayout.Overhead(Shape.Total);
        var target = GC.AllocateArray<byte>(want.Length * Shape.ChunkLength, pinned: true);
        nint[] inputs = [.. have.Select(i => (nint)(_chunks[i].Pointer + start))];
        nint[] outputs = new nint[want.Length];
        fixed (byte* first = target)
        {
            for (int i = 0; i < want.Length; i++)
                outputs[i] = (nint)(first + (i * Shape.ChunkLength));
        }

        return new ChunkCase(name, () => code.Compute(have, inputs, want, outputs, Shape.ChunkLength), () =>
        {
            bool isGood = want.Select((index, i) => _chunks[index].Span[start..]
                .SequenceEqual(target.AsSpan(i * Shape.ChunkLength, Shape.ChunkLength))).All(equal => equal);
            Array.Clear(target);
            return isGood;
        })
        {
            Products = (long)have.Length * want.Length * Shape.ChunkLength,
            GoalGigabytes = isBest ? 8 : null,
        };
    }

    private ChunkCase Encode(string name, ChunkShape shape, double? goalUs)
    {
        SegmentShape segment = shape.Segment(0);
        return new ChunkCase($"{name}, {segment.Data} + {segment.Total - segment.Data} chunks", () =>
        {
            _isGood = _encoder.TryEncode(_message, Place, shape, _scratch, out ItemHeader item);
            _isGood &= segment.Total != Shape.Total || item == _item;
            for (int i = 0; i < segment.Total; i++)
                _scratch[i].Release();
        }, () => _isGood) { GoalUs = goalUs };
    }

    private IEnumerable<ChunkCase> VerifyCases()
    {
        yield return new ChunkCase("verify, first chunk of a frag", () =>
        {
            _isGood = true;
            foreach (byte[] chunk in _firsts)
            {
                _isGood &= ChunkHead.TryRead(chunk, out ChunkHead head) == Refusal.None
                    && _forgetful.Verify(chunk, head, _leader, true) is
                        { Refusal: Refusal.None, SignatureChecked: true };
            }
        }, () => _isGood) { Operations = _firsts.Length };

        // Of three frags two are remembered, so the next one is always new.
        int[] order = [.. Enumerable.Range(0, Shape.Total)];
        new Random(5).Shuffle(order);
        byte[][][] frags = [.. Enumerable.Range(0, 3).Select(i => MakeFrag(100 + (ulong)i))];
        var rotating = new ChunkVerifier(NetworkId, 2);
        int frag = 0;
        yield return new ChunkCase("verify, each chunk of a frag in any order, the signature included", () =>
        {
            frag = (frag + 1) % frags.Length;
            _isGood = true;
            bool isFirst = true;
            foreach (int i in order)
            {
                _isGood &= IsVerified(rotating, frags[frag][i], isFirst);
                isFirst = false;
            }
        }, () => _isGood) { Operations = order.Length, GoalUs = 4 };

        _ = IsVerified(_verifier, _chunks[0].Span, true);
        yield return new ChunkCase("verify, later chunk, all nodes known", () =>
        {
            _isGood = true;
            foreach (int i in order)
                _isGood &= IsVerified(_verifier, _chunks[i].Span, false);
        }, () => _isGood) { Operations = order.Length, GoalUs = 4 };

        byte[] bad = _chunks[3].Span.ToArray();
        bad[^1] ^= 1;
        yield return new ChunkCase("verify, later chunk that does not fit", () =>
        {
            _isGood = ChunkHead.TryRead(bad, out ChunkHead head) == Refusal.None
                && _verifier.Verify(bad, head, _leader, false).Refusal == Refusal.ChunkBranch;
        }, () => _isGood);
    }

    private bool IsVerified(ChunkVerifier verifier, Span<byte> chunk, bool mayCheckSignature) =>
        ChunkHead.TryRead(chunk, out ChunkHead head) == Refusal.None
        && verifier.Verify(chunk, head, _leader, mayCheckSignature).Refusal == Refusal.None;

    private IEnumerable<ChunkCase> AssembleCases()
    {
        yield return Assemble("assemble, all data there", Without(Shape.Data, 0), null);
        yield return Assemble($"assemble, {Missing} missing chunks decoded and proven", Without(5, Missing), 60);
        yield return Assemble(
            $"assemble, {Parity} missing chunks decoded and proven", Without(Shape.Data - Parity, Parity), null);
    }

    private ChunkCase Assemble(string name, ChunkSet have, double? goalUs) => new(
        name,
        () => _isGood = _assembler.TryAssemble(_item, _chunks, have, _assembled) == Refusal.None,
        () =>
        {
            bool isGood = _isGood && _assembled.AsSpan().SequenceEqual(_message);
            Array.Clear(_assembled);
            return isGood;
        })
    {
        GoalUs = goalUs,
    };

    private IEnumerable<ChunkCase> MakeCases()
    {
        // A tree is kept under the item: as many others push it out.
        var fresh = new ChunkMaker(_pool);
        ItemHeader[] items =
            [.. Enumerable.Range(0, ChunkMaker.TreesMax + 1).Select(i => _item with { Tag = (ulong)i })];
        ChunkSet have = Without(5, Missing);
        int next = 0;
        yield return new ChunkCase("make a missing chunk, first of a frag", () =>
        {
            next = (next + 1) % items.Length;
            Make(fresh, items[next], have);
        }, () => _isGood);
        var kept = new ChunkMaker(_pool);
        yield return new ChunkCase("make a missing chunk, later", () => Make(kept, _item, have), () => _isGood);
    }

    private void Make(ChunkMaker maker, in ItemHeader item, in ChunkSet have)
    {
        _isGood = maker.TryMake(item, _chunks, have, 6, out BufferLease made);
        if (!_isGood) return;
        _isGood = made.Span[ChunkLayout.BranchOffset..].SequenceEqual(_chunks[6].Span[ChunkLayout.BranchOffset..]);
        made.Release();
    }

    /// <summary>What the above is made of.</summary>
    private IEnumerable<ChunkCase> PartCases(byte[] key)
    {
        byte[] leaf = [.. _message.Take(Shape.ChunkLength)];
        byte[] expected = System.Security.Cryptography.SHA256.HashData([0, .. leaf]);
        yield return new ChunkCase("part: hash of a leaf", () => Sha256.Hash([0], leaf, _digest), IsExpected(expected));
        yield return new ChunkCase(
            "part: hash of a leaf by .NET", () => System.Security.Cryptography.SHA256.HashData(leaf, _digest),
            IsExpected(System.Security.Cryptography.SHA256.HashData(leaf)));
        byte[] node = leaf[..41];
        yield return new ChunkCase(
            "part: hash of an inner node", () => Sha256.HashBlock(node, _digest),
            IsExpected(System.Security.Cryptography.SHA256.HashData(node)));
        Hash256 digest = Hash256.FromBytes(expected);
        var signature = new byte[Secp256k1.SignatureSize];
        Address signer = default;
        bool Recovers() => Secp256k1.TryRecover(digest, signature.AsSpan(0, 64), signature[64], out signer);
        yield return new ChunkCase(
            "part: sign", () => Secp256k1.Sign(digest, key, signature), () => Recovers() && signer == _leader);
        yield return new ChunkCase(
            "part: recover a signer", () => _isGood = Recovers(), () => _isGood && signer == _leader);
    }

    private Func<bool> IsExpected(byte[] expected) => () =>
    {
        bool isGood = _digest.AsSpan().SequenceEqual(expected);
        Array.Clear(_digest);
        return isGood;
    };
}
