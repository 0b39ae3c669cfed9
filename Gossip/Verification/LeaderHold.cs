using System.Buffers.Binary;
using Fragcast.Gossip.Assembly;
using Fragcast.Gossip.Wire;

namespace Fragcast.Gossip.Verification;

/// <summary>
/// Keeps messages for blocks whose leader the schedule does not know yet, until it does. Nothing of them is verified,
/// so what a peer may occupy is bounded: its own oldest goes when it sends more, and the oldest of whoever has most
/// when all of the room is taken. No I/O and no clock; one thread.
/// </summary>
/// <typeparam name="T">The owner's message with what it needs to check it again.</typeparam>
public sealed class LeaderHold<T>
{
    /// <summary>Messages in all: half of the buffers of 128 KiB.</summary>
    public const int HeldMax = 128;

    /// <summary>Messages of one peer: four peers fill the hold.</summary>
    public const int PeerMax = 32;

    /// <summary>
    /// Bytes in all; a message in one of the few largest buffers counts as all of that buffer, so that two of them fit.
    /// </summary>
    public const int BytesMax = 2 * EnvelopeLayout.LengthMax;

    private readonly List<Held> _held = new(HeldMax);
    private int _bytes;

    /// <summary>Messages that wait.</summary>
    public int Count => _held.Count;

    /// <summary>Keeps a message.</summary>
    /// <param name="peer">Who sent it.</param>
    /// <param name="place">Where it belongs.</param>
    /// <param name="signature">Its signature, by which copies from other peers are known.</param>
    /// <param name="length">Its bytes.</param>
    /// <param name="message">The message.</param>
    /// <param name="evicted">Messages that had to go; the owner releases them. None of it is a peer's fault.</param>
    /// <returns>False for a copy of what waits already: the owner releases it.</returns>
    public bool TryAdd(
        int peer, in Place place, ReadOnlySpan<byte> signature, int length, T message, List<T> evicted)
    {
        length = length > MessageBuffers.MediumBytes ? EnvelopeLayout.LengthMax : length;
        UInt128 signatureHead = BinaryPrimitives.ReadUInt128LittleEndian(signature);
        int ofPeer = 0;
        foreach (Held held in _held)
        {
            ofPeer += held.Peer == peer ? 1 : 0;
            if (held.SignatureHead == signatureHead && held.Place.SameSlot(place))
            {
                return false;
            }
        }

        if (ofPeer >= PeerMax)
        {
            Evict(peer, evicted);
        }

        while (_held.Count >= HeldMax || (_held.Count > 0 && _bytes + length > BytesMax))
        {
            Evict(Greediest(), evicted);
        }

        _held.Add(new Held(peer, place, signatureHead, length, message));
        _bytes += length;
        return true;
    }

    /// <summary>
    /// Gives up all messages in the order in which they came, to check them again or to release them.
    /// </summary>
    public T[] TakeAll()
    {
        T[] all = [.. _held.Select(held => held.Message)];
        _held.Clear();
        _bytes = 0;
        return all;
    }

    private int Greediest() => _held.GroupBy(held => held.Peer).MaxBy(group => group.Sum(held => held.Length))!.Key;

    private void Evict(int peer, List<T> evicted)
    {
        int oldest = _held.FindIndex(held => held.Peer == peer);
        _bytes -= _held[oldest].Length;
        evicted.Add(_held[oldest].Message);
        _held.RemoveAt(oldest);
    }

    private readonly record struct Held(int Peer, Place Place, UInt128 SignatureHead, int Length, T Message);
}
