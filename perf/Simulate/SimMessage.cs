using System.Runtime.InteropServices;

namespace Fragcast.Perf.Simulate;

/// <summary>
/// A message on its way: 32 bytes, which most of the simulator's memory traffic consists of. What a scheme puts into it
/// is its own; the engine reads who, whom, when and how large.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SimMessage
{
    /// <summary>Messages are counted in units of so many bytes.</summary>
    public const int SizeUnit = 8;

    /// <summary>When it arrives, in nanoseconds since its window began.</summary>
    public uint Offset;

    /// <summary>The receiver.</summary>
    public int To;

    /// <summary>The sender.</summary>
    public int From;

    /// <summary>
    /// How many messages the sender had sent: what is decided by it is decided alike on any number of threads.
    /// </summary>
    public uint Sequence;

    /// <summary>The item that it is about.</summary>
    public int Item;

    /// <summary>The chunk of the item, or what a scheme likes.</summary>
    public byte Index;

    /// <summary>What it is; the scheme's own.</summary>
    public byte Kind;

    /// <summary>Bytes on the wire, in units of <see cref="SizeUnit"/>.</summary>
    public ushort Units;

    /// <summary>What a scheme likes.</summary>
    public ulong Data;

    /// <summary>Bytes on the wire.</summary>
    public int Bytes
    {
        readonly get => Units * SizeUnit;
        set => Units = (ushort)((value + SizeUnit - 1) / SizeUnit);
    }

    /// <summary>Whether this one is handled before another that arrives at the same node in the same window.</summary>
    public readonly bool IsBefore(in SimMessage other)
    {
        ulong mine = ((ulong)Offset << 32) | (uint)From;
        ulong others = ((ulong)other.Offset << 32) | (uint)other.From;
        return mine < others || (mine == others && Sequence < other.Sequence);
    }
}
