using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Fragcast.Primitives.Tests;

/// <summary>Vectors from CryptX 0.077 (libtomcrypt), an independent implementation.</summary>
public sealed class Keccak256Tests
{
    /// <summary>Digests of the bytes 0, 1, 2, … modulo 256, by length.</summary>
    public static TheoryData<int, string> Lengths => new()
    {
        { 0, "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470" },
        { 1, "bc36789e7a1e281436464229828f817d6612f7b477d66591ff96a9e064bcc98a" },
        { 3, "f84a97f1f0a956e738abd85c2e0a5026f8874e3ec09c8f012159dfeeaab2b156" },
        { 19, "1ac33100bd4ae7e7f7f147dda368a0f5a28f7a5a61e7cad7d3579790baa55d83" },
        { 20, "27de39f50eaf89fe36fa279026a22605711fde9c16c0f23ae2c3e9faf4eed6ae" },
        { 21, "3c73b64ac0b35803891ce2e239d30eed547433951b4db1477e700524f15765e2" },
        { 31, "3e50547cf72e8583ee91462f9d99fe624f53282f78e1a5ec2347b1d0123d0d9b" },
        { 32, "8ae1aa597fa146ebd3aa2ceddf360668dea5e526567e92b0321816a4e895bd2d" },
        { 33, "f08683775f4a25dfef721c487073fb77026d45ac57e423424290e47af9fd2835" },
        { 55, "797f92d5e159d80a886c0a7802a255b475a1e8e473e8cf4345144824a2aee79c" },
        { 56, "0d0bf4902a749dee22eae5f1b6e2b867ba696ce9be7632eba14315ac09bd1856" },
        { 63, "eed42da65350e8490c201e15dd3bdb8aeaab8618692db71db386a19b6578c59d" },
        { 64, "002030bde3d4cf89919649775cd71875c4d0ab1708a380e03fefc3a28aa24831" },
        { 65, "64578d7b8ae53c452c57b27375f3827854a7ead6448dc566d77a6673701f50d3" },
        { 71, "90b85da48683b012aa9fceba0e81fa6b724c3ffc7f358166d6aedeec6608e601" },
        { 72, "0c478a57041f7910bdbeef2ab6286eb293068cad92c797e265cb46f3ee8801b7" },
        { 73, "1e84eb5179d80098682d224d9e6ce1f37c9d5bf4b817a220c4de5d03d55f6ae9" },
        { 127, "c52f0bd08793b9e8601b29753539e1bf47f8e483eed0a901e8761982449c9b4c" },
        { 128, "ed4c9adc183fb8cb025b1500ec3eeae1b45517314441a187605de1bb8a64726e" },
        { 129, "e075544a1759c383a96a47f831194f0cf55c96a46b0656547d2f8c6eb96be8d3" },
        { 134, "861e165162f806cd361c4421a48f205820ddf4deb02db9f041f48e179ddada97" },
        { 135, "cbdfd9dee5faad3818d6b06f95a219fd290b0e1706f6a82e5a595b9ce9faca62" },
        { 136, "7ce759f1ab7f9ce437719970c26b0a66ff11fe3e38e17df89cf5d29c7d7f807e" },
        { 137, "ac73d4fae68b8453f764007c1a20ce95994187861f0c3227a3a8e99a73a3b1db" },
        { 138, "9dff24f078dfc5f2858894ee1f79728c3e4be850a0fccc5929bba850ca98efa1" },
        { 199, "56250bee01a9201a7934ccb27dbbcb75e84298884ea6a03405a88d4f20785097" },
        { 200, "bfb0aa97863e797943cf7c33bb7e880bb4543f3d2703c0923c6901c2af57b890" },
        { 201, "17a5d3c7560e896c5143d9bbe25abd4427388d48c64ece2b3c8e511096a4e6e2" },
        { 271, "7c974895b2a88303ff2dc6b58f438ceb0b298cac91099ac0539cc0f477506191" },
        { 272, "fdf2ec49e749960d3c8521a0219af8d03e30e2b3bf19bd16150ee0eaf133d66e" },
        { 273, "4f707289a9c3ccd0c4a51f2f17339f5dd171d371c04ff7783b735b5b22682eaf" },
        { 407, "c2cf727c5f0699cf15e6f77663dcab48d640afd571abbed9cd29f459b50410d6" },
        { 408, "4deeaefc26bf0becc5bf9603551584ca1d514238f2f84d0b6adb4bebde86ce61" },
        { 409, "c0631da3afd68e642f1a9e337e2bf0f60e62405a1dff5fe7703797b64d65b42e" },
        { 1000, "aca79e4146e30eb1c733f6d6060d72471c36ea4e01ebf45d7f4916249c2bbd82" },
        { 4096, "1c85a3e5666494583f321cd54285cc17276acf9aea34b207d43005bfa69d0a86" },
    };

    [Fact]
    public void Hash_Abc_IsPublishedDigest() => Assert.Equal(
        Hash256.Parse("0x4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"),
        Keccak256.Hash("abc"u8));

    [Fact]
    public void EmptyString_IsDigestOfNothing() => Assert.Equal(Keccak256.Hash([]), Keccak256.EmptyString);

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Hash_CountingBytes_IsIndependentDigest(int length, string digest)
    {
        byte[] data = Counting(length, 1, 0);
        Assert.Equal(digest, Hex.Encode(Keccak256.Hash(data).Bytes, prefix: false));
        Assert.Equal(digest, Hex.Encode(ByScalar(data).Bytes, prefix: false));

        byte[] destination = new byte[40];
        Keccak256.Hash(data, destination);
        Assert.Equal(digest + "0000000000000000", Hex.Encode(destination, prefix: false));
    }

    [Fact]
    public void Hash_EveryLengthTo1100_IsIndependentDigest()
    {
        KeccakHasher outer = default;
        KeccakHasher outerOfScalar = default;
        for (int length = 0; length <= 1100; length++)
        {
            byte[] data = Counting(length, 7, length);
            outer.Update(Keccak256.Hash(data).Bytes);
            outerOfScalar.Update(ByScalar(data).Bytes);
        }

        Hash256 expected = Hash256.Parse("7d2fa0ac447de656487539681c2870115511e35f1e1b548f3afd9cead1f56707");
        Assert.Equal(expected, outer.Finish());
        Assert.Equal(expected, outerOfScalar.Finish());
    }

    [Fact]
    public void Hash_MillionLetters_IsIndependentDigest()
    {
        byte[] data = new byte[1_000_000];
        data.AsSpan().Fill((byte)'a');
        Assert.Equal(
            Hash256.Parse("fadae6b49f129bbb812be8407b7b2894f34aecf6dbd1f9b0f0c7e9853098fc96"), Keccak256.Hash(data));
    }

    [Fact]
    public void Hash_DestinationInsideData_ReadsBeforeItWrites()
    {
        byte[] data = Counting(200, 1, 0);
        Hash256 expected = Keccak256.Hash(data);
        Keccak256.Hash(data, data.AsSpan(100));
        Assert.True(data.AsSpan(100, 32).SequenceEqual(expected.Bytes));
    }

    [Fact]
    public void Absorb_BothForms_LeaveTheSameLanes()
    {
        if (!KeccakAvx512.IsSupported) return;
        Random random = new(11);
        ulong[] scalar = new ulong[KeccakState.LaneCount];
        random.NextBytes(MemoryMarshal.AsBytes(scalar.AsSpan(0, 25)));
        ulong[] vector = [.. scalar];
        byte[] blocks = new byte[KeccakState.Rate * 5];
        random.NextBytes(blocks);
        KeccakScalar.Absorb(ref scalar[0], ref blocks[0], 5);
        KeccakAvx512.Absorb(ref vector[0], ref blocks[0], 5);
        Assert.Equal(scalar.AsSpan(0, 25), vector.AsSpan(0, 25));
    }

    [Fact]
    public void Hash_AnyLength_AllocatesNothing()
    {
        byte[] data = Counting(500, 1, 0);
        Keccak256.Hash(data);
        AllocationGate gate = new();
        while (gate.NextRun())
        {
            for (int length = 0; length < 500; length++) Keccak256.Hash(data.AsSpan(0, length), data);
        }

        Assert.Equal(0, gate.LeastBytes);
    }

    private static byte[] Counting(int length, int step, int start)
    {
        byte[] data = new byte[length];
        for (int i = 0; i < length; i++) data[i] = (byte)((i * step) + start);
        return data;
    }

    /// <summary>The sponge over the scalar form, which this processor may not use by itself.</summary>
    private static Hash256 ByScalar(ReadOnlySpan<byte> data)
    {
        byte[] padded = new byte[((data.Length / KeccakState.Rate) + 1) * KeccakState.Rate];
        data.CopyTo(padded);
        padded[data.Length] = 0x01;
        padded[^1] |= 0x80;
        KeccakState state = default;
        ref ulong lanes = ref Unsafe.As<KeccakState, ulong>(ref state);
        KeccakScalar.Absorb(ref lanes, ref padded[0], padded.Length / KeccakState.Rate);
        return state.Digest;
    }
}
