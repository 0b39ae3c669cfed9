using Fragcast.Primitives.Rlp;

namespace Fragcast.Primitives.Tests.Rlp;

public sealed class RlpWriterTests
{
    [Theory]
    [InlineData(0, "80")]
    [InlineData(1, "01")]
    [InlineData(0x7F, "7f")]
    [InlineData(0x80, "8180")]
    [InlineData(0x100, "820100")]
    [InlineData(ulong.MaxValue, "88ffffffffffffffff")]
    public void Write_Integer_HasNoLeadingZeros(ulong value, string hex)
    {
        RlpWriter writer = new(16);
        writer.Write(value);
        Assert.Equal(hex, Hex.Encode(writer.Written, prefix: false));
        Assert.Equal(RlpLength.Of(value), writer.Length);
        writer.Reset();
        writer.Write((UInt256)value);
        Assert.Equal(hex, Hex.Encode(writer.Written, prefix: false));
        writer.Dispose();
    }

    [Theory]
    [InlineData(0, "80")]
    [InlineData(1, "00")]
    [InlineData(55, "b7")]
    [InlineData(56, "b838")]
    [InlineData(255, "b8ff")]
    [InlineData(256, "b90100")]
    [InlineData(65_535, "b9ffff")]
    [InlineData(65_536, "ba010000")]
    [InlineData(16_777_216, "bb01000000")]
    public void Write_Bytes_HasShortestHeader(int size, string start)
    {
        byte[] bytes = new byte[size];
        RlpWriter writer = new(1);
        writer.Write(bytes);
        Assert.StartsWith(start, Hex.Encode(writer.Written, prefix: false), StringComparison.Ordinal);
        Assert.Equal(RlpLength.Of(bytes), writer.Length);

        writer.Reset();
        writer.StartList();
        writer.Write(bytes);
        writer.EndList();
        Assert.Equal(RlpLength.OfList(RlpLength.Of(bytes)), writer.Length);
        RlpReader reader = new(writer.Written);
        Assert.True(reader.TryReadList(out RlpReader items));
        Assert.True(items.TryReadBytes(size, out _));
        Assert.True(items.TryFinish() && reader.TryFinish());
        writer.Dispose();
    }

    [Fact]
    public void Write_Types_ReadBack()
    {
        Hash256 hash = Keccak256.Hash("hash"u8);
        Address address = Address.FromBytes(hash.Bytes[12..]);
        RlpWriter writer = new(stackalloc byte[8]);
        writer.StartList();
        writer.Write(hash);
        writer.Write(address);
        writer.Write((Address?)address);
        writer.Write((Address?)null);
        writer.WriteRaw([0xC0]);
        writer.EndList();

        RlpReader reader = new(writer.Written);
        Assert.True(reader.TryReadList(out RlpReader items));
        Assert.True(items.TryReadHash256(out Hash256 readHash));
        Assert.Equal(hash, readHash);
        Assert.True(items.TryReadAddress(out Address readAddress));
        Assert.Equal(address, readAddress);
        Assert.True(items.TryReadOptionalAddress(out Address? to));
        Assert.Equal(address, to);
        Assert.True(items.TryReadOptionalAddress(out to));
        Assert.Null(to);
        Assert.True(items.TryReadList(out RlpReader empty));
        Assert.True(empty.IsAtEnd && items.IsAtEnd && reader.IsAtEnd);
        writer.Dispose();
    }

    [Fact]
    public void StartList_BeyondDepthMax_Throws()
    {
        RlpWriter writer = new(64);
        for (int i = 0; i < RlpWriter.DepthMax; i++) writer.StartList();
        bool threw = false;
        try
        {
            writer.StartList();
        }
        catch (InvalidOperationException)
        {
            threw = true;
        }

        Assert.True(threw);
        for (int i = 0; i < RlpWriter.DepthMax; i++) writer.EndList();
        Assert.Equal("cfcecdcccbcac9c8c7c6c5c4c3c2c1c0", Hex.Encode(writer.Written, prefix: false));
        threw = false;
        try
        {
            writer.EndList();
        }
        catch (InvalidOperationException)
        {
            threw = true;
        }

        Assert.True(threw);
        writer.Dispose();
    }

    [Fact]
    public void Write_ReusedBuffer_AllocatesNothing()
    {
        RlpWriter writer = new(4096);
        WriteSome(ref writer);
        AllocationGate gate = new();
        while (gate.NextRun())
            WriteSome(ref writer);
        Assert.Equal(0, gate.LeastBytes);
        writer.Dispose();
    }

    private static void WriteSome(ref RlpWriter writer)
    {
        writer.Reset();
        writer.StartList();
        for (ulong i = 0; i < 100; i++) writer.Write(i * i);
        writer.Write(UInt256.MaxValue);
        writer.EndList();
    }
}
