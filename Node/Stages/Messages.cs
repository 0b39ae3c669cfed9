using Fragcast.Gossip.Verification;
using Fragcast.Primitives.Messages;
using Fragcast.Primitives.Transactions;
using Fragcast.Transport.Buffers;

namespace Fragcast.Node.Stages;

/// <summary>A message as it came from the network, on its way to the verify stage.</summary>
internal struct InboundMessage
{
    /// <summary>Who sent it.</summary>
    public int Peer;

    /// <summary>Its bytes; whoever takes the message from the ring releases them.</summary>
    public BufferLease Bytes;

    /// <summary>When the last of its bytes came.</summary>
    public long ReceivedNs;
}

/// <summary>A message whose leader is proven, its transactions decoded, on its way to the execute stage.</summary>
internal struct VerifiedMessage
{
    /// <summary>Who sent it.</summary>
    public int Peer;

    /// <summary>What <see cref="Message"/> and the transactions refer to; released after the block ended.</summary>
    public BufferLease Bytes;

    /// <summary>When the last of its bytes came.</summary>
    public long ReceivedNs;

    /// <summary>The message.</summary>
    public GossipMessage Message;

    /// <summary>A frag's transactions in order, senders recovered; empty for other kinds.</summary>
    public Transaction[] Transactions;
}

/// <summary>
/// A message that this node's builder made, on its way to the network. Slots are reused with their lists.
/// </summary>
internal sealed class OutboundMessage
{
    /// <summary>How often the chain was started anew.</summary>
    public uint Epoch { get; set; }

    /// <summary>The start of a block; null for the other kinds.</summary>
    public EnvV0? Env { get; set; }

    /// <summary>The end of a block; null for the other kinds.</summary>
    public SealV0? Seal { get; set; }

    /// <summary>The end of an attempt at a block; null for the other kinds.</summary>
    public CancelV0? Cancel { get; set; }

    /// <summary>How often the block was cancelled before.</summary>
    public byte Attempt { get; set; }

    /// <summary>The head of a frag, when the message is none of the above.</summary>
    public FragHeader Frag { get; set; }

    /// <summary>The frag's transactions, EIP-2718 encoded.</summary>
    public List<ReadOnlyMemory<byte>> Transactions { get; } = [];
}
