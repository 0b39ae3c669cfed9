using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Fragcast.Primitives.Crypto;

/// <summary>
/// SHA-256's low-level functions of OpenSSL's libcrypto. A message of 64 bytes is one block, and the block behind it
/// is padding only, equal for all; so two calls of the compression function hash it, without the set-up that the
/// library's whole hashes cost. Longer messages go through the library's own buffering and padding.
/// </summary>
/// <remarks>
/// The functions are deprecated in OpenSSL 3 and a build may lack them, which is no error: the caller has another way.
/// A context begins with the eight words of the state in the machine's byte order (sha.h, SHA256_CTX).
/// </remarks>
internal sealed unsafe class Sha256Native
{
    // SHA256_CTX is 112 bytes; the compression function reads and writes the state only. What Init writes is kept.
    private const int ContextSize = 128;
    private const int PaddingOffset = ContextSize;
    private const int ConstantsSize = PaddingOffset + Sha256.PairSize;

    // Blocks of two messages take turns, as the processor overlaps calls that do not wait for each other's results.
    private const int Lanes = 2;

    // The transition may be left out: a call takes 0.05 to 0.2 µs, neither blocks nor calls back.
    private readonly delegate* unmanaged[SuppressGCTransition]<byte*, byte*, void> _transform;

    // Likewise: 2 KiB take about 1 µs.
    private readonly delegate* unmanaged[SuppressGCTransition]<byte*, byte*, nuint, int> _update;
    private readonly delegate* unmanaged[SuppressGCTransition]<byte*, byte*, int> _final;

    /// <summary>The initial context and the padding block, for the life of the process.</summary>
    private readonly byte* _constants;

    private Sha256Native(nint init, nint transform, nint update, nint final)
    {
        _transform = (delegate* unmanaged[SuppressGCTransition]<byte*, byte*, void>)transform;
        _update = (delegate* unmanaged[SuppressGCTransition]<byte*, byte*, nuint, int>)update;
        _final = (delegate* unmanaged[SuppressGCTransition]<byte*, byte*, int>)final;
        _constants = (byte*)RuntimeHelpers.AllocateTypeAssociatedMemory(typeof(Sha256Native), ConstantsSize);
        _ = ((delegate* unmanaged<byte*, int>)init)(_constants);

        // A one bit, zeros, and the message's length in bits as 64 big-endian bits: 512.
        _constants[PaddingOffset] = 0x80;
        _constants[ConstantsSize - 2] = (Sha256.PairSize * 8) >> 8;
    }

    /// <summary>Loads the first of the libraries that is there; null if it does not have what is needed.</summary>
    public static Sha256Native? TryLoad(params ReadOnlySpan<string> sonames) =>
        NativeLibraries.TryLoad(out nint handle, sonames)
        && NativeLibrary.TryGetExport(handle, "SHA256_Init", out nint init)
        && NativeLibrary.TryGetExport(handle, "SHA256_Transform", out nint transform)
        && NativeLibrary.TryGetExport(handle, "SHA256_Update", out nint update)
        && NativeLibrary.TryGetExport(handle, "SHA256_Final", out nint final)
            ? TryCreate(init, transform, update, final)
            : null;

    /// <summary>Takes the functions at these addresses; null if they do not give the right digests.</summary>
    internal static Sha256Native? TryCreate(nint init, nint transform, nint update, nint final)
    {
        Span<byte> pairs = stackalloc byte[4 * Sha256.PairSize];
        for (var i = 0; i < pairs.Length; i++)
        {
            pairs[i] = (byte)(i * 151);
        }

        Span<byte> expected = stackalloc byte[pairs.Length / 2];
        Sha256.HashPairsPortably(pairs, expected);
        Span<byte> digest = stackalloc byte[Sha256.DigestSize];
        Span<byte> expectedDigest = stackalloc byte[Sha256.DigestSize];
        Sha256.HashPortably(pairs[..1], pairs[1..], expectedDigest);
        var native = new Sha256Native(init, transform, update, final);
        native.Hash(pairs[..1], pairs[1..], digest);
        native.HashPairs(pairs, pairs);
        return pairs[..expected.Length].SequenceEqual(expected) && digest.SequenceEqual(expectedDigest)
            ? native
            : null;
    }

    /// <inheritdoc cref="Sha256.HashBlock"/>
    [SkipLocalsInit]
    public void HashBlock(ReadOnlySpan<byte> message, Span<byte> digest)
    {
        byte* space = stackalloc byte[ContextSize + Sha256.PairSize];
        byte* block = space + ContextSize;
        var padded = new Span<byte>(block, Sha256.PairSize);
        message.CopyTo(padded);

        // A one bit, zeros, and the length in bits as 64 big-endian bits.
        padded[message.Length..].Clear();
        padded[message.Length] = 0x80;
        padded[^2] = (byte)((message.Length * 8) >> 8);
        padded[^1] = (byte)(message.Length * 8);
        fixed (byte* target = digest[..Sha256.DigestSize])
        {
            ClearUpperHalves(_constants, space);
            _transform(space, block);
            StoreBigEndian(space, target);
        }
    }

    /// <inheritdoc cref="Sha256.Hash"/>
    [SkipLocalsInit]
    public void Hash(ReadOnlySpan<byte> first, ReadOnlySpan<byte> rest, Span<byte> digest)
    {
        byte* context = stackalloc byte[ContextSize];
        fixed (byte* firstPointer = first)
        fixed (byte* restPointer = rest)
        fixed (byte* target = digest[..Sha256.DigestSize])
        {
            new ReadOnlySpan<byte>(_constants, ContextSize).CopyTo(new Span<byte>(context, ContextSize));
            ClearUpperHalves(_constants, context);
            _ = _update(context, firstPointer, (nuint)first.Length);
            _ = _update(context, restPointer, (nuint)rest.Length);
            _ = _final(target, context);
        }
    }

    /// <inheritdoc cref="Sha256.HashPairs"/>
    [SkipLocalsInit]
    public void HashPairs(ReadOnlySpan<byte> pairs, Span<byte> digests)
    {
        byte* contexts = stackalloc byte[Lanes * ContextSize];
        fixed (byte* source = pairs)
        fixed (byte* target = digests[..(pairs.Length / 2)])
        {
            ClearUpperHalves(_constants, contexts);
            for (var at = 0; at < pairs.Length; at += Lanes * Sha256.PairSize)
            {
                int count = Math.Min(Lanes, (pairs.Length - at) / Sha256.PairSize);
                HashFew(count, source + at, contexts, target + (at / 2));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void HashFew(int count, byte* pairs, byte* contexts, byte* digests)
    {
        Vector128<byte> low = Vector128.Load(_constants), high = Vector128.Load(_constants + 16);
        for (var i = 0; i < count; i++)
        {
            byte* context = contexts + (i * ContextSize);
            low.Store(context);
            high.Store(context + 16);
            _transform(context, pairs + (i * Sha256.PairSize));
        }

        for (var i = 0; i < count; i++)
        {
            _transform(contexts + (i * ContextSize), _constants + PaddingOffset);
        }

        for (var i = 0; i < count; i++)
        {
            StoreBigEndian(contexts + (i * ContextSize), digests + (i * Sha256.DigestSize));
        }
    }

    /// <summary>
    /// Copies 32 bytes, for what follows: a method that uses 256-bit registers ends with VZEROUPPER. The library's
    /// function is SSE code, which takes 2.5 times as long while the upper halves hold what a caller left there; the
    /// compiler does not clear them at a call through a pointer. From here to that call only 128-bit code may stand.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ClearUpperHalves(byte* from, byte* to) => Vector256.Load(from).Store(to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreBigEndian(byte* state, byte* digest)
    {
        Vector128<byte> order = Vector128.Create((byte)3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
        Vector128.Shuffle(Vector128.Load(state), order).Store(digest);
        Vector128.Shuffle(Vector128.Load(state + 16), order).Store(digest + 16);
    }
}
