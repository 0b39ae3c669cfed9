using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Fragcast.Transport.Buffers;
using Fragcast.Transport.Rings;

namespace Fragcast.Transport.Tests.Rings;

public sealed class LayoutTests
{
    [Fact]
    public void Size_OfTheConstant_IsTwoLines() => Assert.Equal(128, CacheLine.Size);

    [Fact]
    public void PaddedInt64_Value_HasALineOnBothSides()
    {
        Assert.Equal(2 * CacheLine.Size, Unsafe.SizeOf<PaddedInt64>());
        Assert.Equal(CacheLine.Size, (int)Marshal.OffsetOf<PaddedInt64>(nameof(PaddedInt64.Value)));
    }

    [Fact]
    public void LocalPosition_BothNumbers_ShareALineWithNothingElse()
    {
        Assert.Equal(3 * CacheLine.Size, Unsafe.SizeOf<LocalPosition>());
        Assert.Equal(CacheLine.Size, (int)Marshal.OffsetOf<LocalPosition>(nameof(LocalPosition.Position)));
        Assert.Equal(CacheLine.Size + 8, (int)Marshal.OffsetOf<LocalPosition>(nameof(LocalPosition.Limit)));
    }

    [Fact]
    public void CacheLinePadding_Size_IsOneLine() => Assert.Equal(CacheLine.Size, Unsafe.SizeOf<CacheLinePadding>());

    [Fact]
    public void SlotState_Size_IsOneLine() => Assert.Equal(CacheLine.Size, Unsafe.SizeOf<PinnedBufferPool.SlotState>());

    [Fact]
    public void Sequence_ValueAndFlags_AreLinesApart()
    {
        Sequence sequence = new();
        Assert.Equal(CacheLine.Size, Offset(sequence, ref Signals(sequence)));
        Assert.Equal(CacheLine.Size + 8, Offset(sequence, ref Completed(sequence)));
        Assert.Equal(2 * CacheLine.Size, Offset(sequence, ref Value(sequence)));
        Assert.Equal(3 * CacheLine.Size, typeof(Sequence).StructLayoutAttribute!.Size);
    }

    [Fact]
    public void RingBuffer_Fields_LieBehindThePadding()
    {
        RingBuffer<long> ring = new(8, ProducerKind.Single);
        Assert.True(Offset(ring, ref RingFields<long>.Slots(ring)) >= CacheLine.Size);
        Assert.True(Offset(ring, ref RingFields<long>.Mask(ring)) >= CacheLine.Size);
    }

    [Theory]
    [InlineData(ProducerKind.Single)]
    [InlineData(ProducerKind.Multi)]
    public void RingBuffer_FirstAndLastSlot_AreALineFromTheEndsOfTheArray(ProducerKind producers)
    {
        RingBuffer<long> ring = new(8, producers);
        long[] slots = RingFields<long>.Slots(ring);
        Assert.Equal(CacheLine.Size, (int)Unsafe.ByteOffset(ref slots[0], ref ring[0]));
        Assert.Equal(CacheLine.Size, (int)Unsafe.ByteOffset(ref ring[7], ref slots[^1]));
        Assert.True(Unsafe.AreSame(ref ring[0], ref ring[8]));
    }

    private static int Offset<T>(object instance, ref T field) =>
        (int)Unsafe.ByteOffset(ref Unsafe.As<RawData>(instance).First, ref Unsafe.As<T, byte>(ref field));

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_value")]
    private static extern ref long Value(Sequence sequence);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_completed")]
    private static extern ref bool Completed(Sequence sequence);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_signals")]
    private static extern ref SignalNode? Signals(Sequence sequence);

    private static class RingFields<T>
    {
        [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_slots")]
        public static extern ref T[] Slots(RingBuffer<T> ring);

        [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_mask")]
        public static extern ref int Mask(RingBuffer<T> ring);
    }

    /// <summary>Any object, seen as its bytes after the header.</summary>
    private sealed class RawData
    {
#pragma warning disable CS0649 // Only its address is taken.
        public byte First;
#pragma warning restore CS0649
    }
}
