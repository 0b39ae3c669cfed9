using Fragcast.Gossip.Broadcast;

namespace Fragcast.Perf.Simulate.Schemes;

/// <summary>What a message of <see cref="FragcastScheme"/> is: the low bits of its kind.</summary>
internal enum ChunkKind : byte
{
    /// <summary>A chunk without a duty.</summary>
    Leaf,

    /// <summary>A chunk with a root's duty.</summary>
    Root,

    /// <summary>A chunk with a head's duty.</summary>
    Head,

    /// <summary>A request for repair.</summary>
    Request,

    /// <summary>A report of reception.</summary>
    Report,
}

/// <summary>Puts duties into messages: never both parts of one are set, so that eight bytes do.</summary>
internal static class ChunkCodec
{
    /// <summary>The bits of <see cref="ChunkKind"/>.</summary>
    public const byte KindMask = 0x07;

    /// <summary>The chunk answers a request.</summary>
    public const byte RepairBit = 0x08;

    /// <summary>The chunk's proof does not hold.</summary>
    public const byte WrongBit = 0x10;

    /// <summary>The chunk is of the other item that is signed for its place.</summary>
    public const byte OtherBit = 0x20;

    /// <summary>Puts a duty in.</summary>
    public static void Put(ref SimMessage message, in Duty duty)
    {
        if (duty.IsRoot)
        {
            message.Kind |= (byte)ChunkKind.Root;
            message.Data = duty.Regions;
        }
        else if (!duty.IsNone)
        {
            message.Kind |= (byte)ChunkKind.Head;
            message.Data = ((ulong)duty.From << 32) | duty.Width;
        }
    }

    /// <summary>Takes it out.</summary>
    public static Duty DutyOf(in SimMessage message) => (ChunkKind)(message.Kind & KindMask) switch
    {
        ChunkKind.Root => new Duty(message.Data, 0, 0),
        ChunkKind.Head => new Duty(0, (uint)(message.Data >> 32), (uint)message.Data),
        _ => Duty.None,
    };
}
