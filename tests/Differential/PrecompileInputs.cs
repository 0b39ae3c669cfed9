using Fragcast.Primitives;
using Fragcast.Primitives.Crypto;

namespace Fragcast.Differential;

/// <summary>Input for precompiled contracts: mostly right, sometimes cut, lengthened or with a byte changed.</summary>
internal static class PrecompileInputs
{
    private const string BnG1 =
        "0000000000000000000000000000000000000000000000000000000000000001" +
        "0000000000000000000000000000000000000000000000000000000000000002";

    private const string BnNegativeG1 =
        "0000000000000000000000000000000000000000000000000000000000000001" +
        "30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd45";

    private const string BnG2 =
        "198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2" +
        "1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed" +
        "090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b" +
        "12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa";

    private const string Pad = "00000000000000000000000000000000";

    private const string BlsG1 =
        Pad + "17f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb" +
        Pad + "08b3f481e3aaa0f1a09e30ed741d8ae4fcf5e095d5d00af600db18cb2c04b3edd03cc744a2888ae40caa232946c5e7e1";

    private const string BlsG2 =
        Pad + "024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb8" +
        Pad + "13e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e" +
        Pad + "0ce5d527727d6e118cc9cdc6da2e351aadfd9baa8cbdd3a76d429a695160d12c923ac9cc3baca289e193548608b82801" +
        Pad + "0606c4a02ea734cc32acd2b02bc28b99cb3e287e85a763af267492ab572e99ab3f370d275cec1da1aaa9075ff05f79be";

    /// <summary>A signature over P-256 that holds (daimo-eth/p256-verifier's first vector).</summary>
    private const string P256 =
        "4cee90eb86eaa050036147a12d49004b6b9c72bd725d39d4785011fe190f0b4d" +
        "a73bd4903f0ce3b639bbbf6e8e80d16931ff4bcf5993d58468e8fb19086e8cac" +
        "36dbcd03009df8c59286b162af3bd7fcc0450c9aa81be5d10d312af6c66b1d60" +
        "4aebd3099c618202fcfe16ae7770b0c49ab5eadf74b754204a3bb6060e44eff3" +
        "7618b065f9832de4ca6ca971a7a1adc826d0f7c00181a5fb2ddf79ae00b4e10e";

    private static readonly byte[] Infinity48 = [0xc0, .. new byte[47]];

    /// <summary>Some input for the contract at an address.</summary>
    public static byte[] For(in Address precompile, Dice dice)
    {
        byte[] input = Right((int)precompile.ToUInt256(), dice);
        return dice.Below(12) switch
        {
            0 when input.Length > 0 => Changed(input, dice),
            1 => input[..dice.Between(0, input.Length)],
            2 => [.. input, .. dice.Bytes(dice.Between(1, 40))],
            3 => dice.Bytes(dice.Between(0, 260)),
            _ => input,
        };
    }

    private static byte[] Right(int precompile, Dice dice) => precompile switch
    {
        0x01 => Signature(dice),
        0x05 => ModExp(dice),
        0x06 => [.. BnPoint(dice), .. BnPoint(dice)],
        0x07 => [.. BnPoint(dice), .. Scalar(dice)],
        0x08 => Pairs(dice, BnPoint, Hex.Decode(BnG2)),
        0x09 => Blake(dice),
        0x0a => Evaluation(dice),
        0x0b => [.. BlsPoint(dice, BlsG1), .. BlsPoint(dice, BlsG1)],
        0x0c => Repeat(dice, () => [.. BlsPoint(dice, BlsG1), .. Scalar(dice)]),
        0x0d => [.. BlsPoint(dice, BlsG2), .. BlsPoint(dice, BlsG2)],
        0x0e => Repeat(dice, () => [.. BlsPoint(dice, BlsG2), .. Scalar(dice)]),
        0x0f => Repeat(dice, () => [.. BlsPoint(dice, BlsG1), .. BlsPoint(dice, BlsG2)]),
        0x10 => [.. new byte[17], .. dice.Bytes(47)],
        0x11 => [.. new byte[17], .. dice.Bytes(47), .. new byte[17], .. dice.Bytes(47)],
        0x100 => Hex.Decode(P256),
        _ => dice.Bytes(dice.Below(200)),
    };

    private static byte[] Changed(byte[] input, Dice dice)
    {
        input[dice.Below(input.Length)] ^= (byte)(1 << dice.Below(8));
        return input;
    }

    private static byte[] Signature(Dice dice)
    {
        Hash256 digest = Hash256.FromBytes(dice.Bytes(32));
        var signature = new byte[Secp256k1.SignatureSize];
        Secp256k1.Sign(digest, dice.Bytes(32), signature);
        return [.. digest.Bytes, .. new byte[31], (byte)(27 + signature[64]), .. signature[..64]];
    }

    private static byte[] ModExp(Dice dice)
    {
        int[] lengths = [Length(dice), Length(dice), Length(dice)];
        IEnumerable<byte> head = lengths.SelectMany(length => Word((ulong)length));
        if (dice.Chance(8)) head = head.Take(64).Concat(Word(dice.Word()));
        return [.. head, .. dice.Bytes(lengths.Sum())];
    }

    private static int Length(Dice dice) => dice.Below(8) switch
    {
        0 => 0,
        1 => 1,
        2 => dice.Between(32, 33),
        3 => dice.Between(0, 300),
        _ => dice.Between(1, 40),
    };

    private static byte[] BnPoint(Dice dice) => dice.Below(4) switch
    {
        0 => new byte[64],
        1 => Hex.Decode(BnNegativeG1),
        _ => Hex.Decode(BnG1),
    };

    private static byte[] BlsPoint(Dice dice, string generator) =>
        dice.Chance(20) ? new byte[generator.Length / 2] : Hex.Decode(generator);

    private static byte[] Pairs(Dice dice, Func<Dice, byte[]> first, byte[] second) =>
        Repeat(dice, () => [.. first(dice), .. dice.Chance(20) ? new byte[second.Length] : second]);

    private static byte[] Repeat(Dice dice, Func<byte[]> item) =>
        [.. Enumerable.Range(0, dice.Between(0, 3)).SelectMany(_ => item())];

    private static byte[] Blake(Dice dice) =>
        [0, 0, (byte)(dice.Chance(10) ? 1 : 0), (byte)dice.Below(30), .. dice.Bytes(208), (byte)dice.Below(3)];

    /// <summary>The polynomial zero is zero everywhere: commitment and proof are the point at infinity.</summary>
    private static byte[] Evaluation(Dice dice)
    {
        byte[] z = dice.Bytes(32);
        z[0] &= 0x3f;
        return [.. Blobs.EmptyBlobHash.Bytes, .. z, .. new byte[32], .. Infinity48, .. Infinity48];
    }

    private static byte[] Scalar(Dice dice) => Word(dice.Word());

    private static byte[] Word(in UInt256 value) => Hash256.FromUInt256(value).Bytes.ToArray();
}
