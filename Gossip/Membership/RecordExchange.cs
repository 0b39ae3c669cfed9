using System.Buffers.Binary;
using Fragcast.Gossip.Wire;
using Fragcast.Transport.Identity;

namespace Fragcast.Gossip.Membership;

/// <summary>
/// Keeps a book equal to its peers' books: compares digests when a connection begins and with a random peer now and
/// then, asks for what is missing, and pushes what is new on to a few. No I/O, no clock, no randomness of its own; one
/// thread, the book's.
/// </summary>
/// <remarks>
/// <code>
/// a → b   digest                     when a dialled b, and now and then with one random peer
/// b → a   listing of the buckets     that differ, as far as <see cref="MembershipFrames.ListedMax"/> hashes go
/// a → b   want, want …               what a has not, <see cref="MembershipFrames.RecordsMax"/> at a time
/// b → a   records
/// a → b   records, or a listing      what b has not: sent if few, else b wants them
/// </code>
/// Nothing is resent: what is lost is found by the next comparison.
/// </remarks>
/// <typeparam name="TLink">The outside.</typeparam>
public sealed class RecordExchange<TLink>
    where TLink : struct, IMembershipLink
{
    /// <summary>Time between two comparisons with random peers when all is quiet.</summary>
    public const long CompareNs = 5_000_000_000;

    /// <summary>The same when the last one, or a push since, brought something new.</summary>
    public const long CompareBusyNs = 1_000_000_000;

    /// <summary>A peer that has not answered for so long is asked anew.</summary>
    public const long AnswerPatienceNs = 10_000_000_000;

    /// <summary>Peers that a new record is pushed on to.</summary>
    public const int PushFanout = 4;

    /// <summary>New records that wait for the next push; more are left to the comparisons.</summary>
    public const int PushQueueMax = 1024;

    /// <summary>
    /// Records a second that are pushed on: 10,000 nodes that sign anew every ten minutes are 17. More are left to the
    /// comparisons, so that whoever signs without end is not helped along.
    /// </summary>
    public const int PushesPerSecond = 50;

    /// <summary>
    /// Records a second whose signatures are checked, of all peers together: 6% of a core, after a burst of two books.
    /// </summary>
    public const int ChecksPerSecond = 1000;

    private const int ChecksBurst = 20_000;
    private const long ExpireNs = 60_000_000_000;

    private readonly RecordBook _book;
    private readonly ulong _networkId;
    private readonly Dictionary<int, ExchangePeer> _peers = [];
    private readonly List<int> _peerNumbers = [];
    private readonly List<(ulong Hash, int Source)> _news = [];
    private readonly BookDigest _digest;
    private readonly byte[] _frame =
        new byte[MembershipFrames.HeadLength + MembershipFrames.BucketSetLength + (MembershipFrames.ListedMax * 8)];
    private readonly TLink _link;
    private ulong _random;
    private ulong _asks;
    private long _nextCompareNs;
    private bool _isBusy;
    private long _nextExpireNs;
    private TokenBucket _pushes = new(PushesPerSecond, PushQueueMax);
    private TokenBucket _checks = new(ChecksPerSecond, ChecksBurst);

    /// <summary>Makes an exchange.</summary>
    /// <param name="book">The book, on the same thread.</param>
    /// <param name="networkId">The network.</param>
    /// <param name="link">The outside.</param>
    /// <param name="seed">Randomness: salts must not be foreseeable by peers.</param>
    public RecordExchange(RecordBook book, ulong networkId, TLink link, ulong seed)
    {
        _book = book;
        _digest = new BookDigest(book);
        _networkId = networkId;
        _link = link;
        _random = seed;
    }

    /// <summary>Counts.</summary>
    public RecordExchangeCounters Counters { get; } = new();

    /// <summary>Connected peers.</summary>
    public int PeerCount => _peers.Count;

    /// <summary>Takes in what the operator or this node itself says, and tells the peers.</summary>
    /// <param name="bytes">A record.</param>
    /// <param name="nowNs">The time.</param>
    public RecordError AddOwn(ReadOnlySpan<byte> bytes, long nowNs)
    {
        RecordError error = NodeRecord.TryRead(bytes, _networkId, out NodeRecord? record);
        if (error == RecordError.None)
        {
            Take(record!, RecordBook.Self, nowNs, pushOn: true);
        }

        return error;
    }

    /// <summary>A peer is connected and in the book.</summary>
    /// <param name="peer">Its number.</param>
    /// <param name="dialled">Whether this node dialled: that side compares.</param>
    /// <param name="nowNs">The time.</param>
    public void OnConnected(int peer, bool dialled, long nowNs)
    {
        var state = new ExchangePeer(peer, nowNs);
        if (_peers.TryAdd(peer, state))
        {
            _peerNumbers.Add(peer);
        }
        else
        {
            _peers[peer] = state;
        }

        if (_book[RecordBook.Self]?.Record is { } own)
        {
            SendRecords(peer, [own]);
        }

        if (dialled)
        {
            SendDigest(state, nowNs);
        }
    }

    /// <summary>The peer's last connection ended.</summary>
    public void OnDisconnected(int peer)
    {
        if (_peers.Remove(peer))
        {
            _peerNumbers.Remove(peer);
        }
    }

    /// <summary>Takes a frame with one of the marks of membership.</summary>
    /// <param name="peer">Number of the peer that sent it.</param>
    /// <param name="frame">The frame without its length prefix; nothing of it is kept.</param>
    /// <param name="nowNs">The time.</param>
    public void OnFrame(int peer, ReadOnlySpan<byte> frame, long nowNs)
    {
        if (!_peers.TryGetValue(peer, out ExchangePeer? state))
        {
            return;
        }

        bool isSound = MembershipFrames.TryReadHead(frame, out int count, out ulong salt, out byte flags)
            && frame[0] switch
            {
                MembershipFrames.DigestMark => OnDigest(state, Body(frame), count, salt, nowNs),
                MembershipFrames.ListingMark => OnListing(state, Body(frame), count, salt, flags, nowNs),
                MembershipFrames.RecordsMark => OnRecords(state, Body(frame), count, salt, nowNs),
                MembershipFrames.WantMark => OnWant(state, Body(frame), count, salt, nowNs),
                _ => false,
            };
        if (!isSound)
        {
            _link.OnMisbehaviour(peer, Refusal.BadControl);
        }
    }

    /// <summary>Pushes what is new and compares now and then. Call every 50 to 200 ms.</summary>
    public void Tick(long nowNs)
    {
        PushNews();
        foreach (int number in _peerNumbers)
        {
            ExchangePeer peer = _peers[number];
            if (nowNs - peer.LastMoveNs >= AnswerPatienceNs)
            {
                peer.DigestOut = null;
                peer.ListingOut = false;
                peer.AskOut = 0;
                AskOn(peer, nowNs);
            }
            else if (peer.AskOut == 0 && peer.Wanted.Count > 0)
            {
                AskOn(peer, nowNs);
            }
        }

        if (nowNs >= _nextCompareNs && _peerNumbers.Count > 0)
        {
            _nextCompareNs = nowNs + (_isBusy ? CompareBusyNs : CompareNs);
            _isBusy = false;
            SendDigest(_peers[_peerNumbers[Draw(_peerNumbers.Count)]], nowNs);
        }

        if (nowNs >= _nextExpireNs)
        {
            _nextExpireNs = nowNs + ExpireNs;
            _book.Expire(nowNs);
        }
    }

    private static ReadOnlySpan<byte> Body(ReadOnlySpan<byte> frame) => frame[MembershipFrames.HeadLength..];

    private void SendDigest(ExchangePeer peer, long nowNs)
    {
        if (peer.DigestOut is not null || peer.Wanted.Count > 0)
        {
            return;
        }

        ulong salt = BookDigest.Mix(_random += 0x9E3779B97F4A7C15);
        _digest.Fill(salt);
        MembershipFrames.WriteHead(_frame, MembershipFrames.DigestMark, MembershipFrames.Buckets, salt);
        for (int bucket = 0; bucket < MembershipFrames.Buckets; bucket++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(
                _frame.AsSpan(MembershipFrames.HeadLength + (bucket * 8)), _digest[bucket]);
        }

        peer.DigestOut = salt;
        peer.LastMoveNs = nowNs;
        Send(peer.Number, MembershipFrames.HeadLength + (MembershipFrames.Buckets * 8));
    }

    private bool OnDigest(ExchangePeer peer, ReadOnlySpan<byte> body, int count, ulong salt, long nowNs)
    {
        if (count != MembershipFrames.Buckets || body.Length != MembershipFrames.Buckets * 8)
        {
            return false;
        }

        if (!peer.TryTakeDigest(nowNs))
        {
            Exceeded(peer);
            return true;
        }

        _digest.Fill(salt);
        Span<int> sizes = stackalloc int[MembershipFrames.Buckets];
        _digest.CountBuckets(sizes);
        Span<byte> buckets = stackalloc byte[MembershipFrames.BucketSetLength];
        buckets.Clear();
        // From a place that the salt chooses, so that when not all fits, all get their turn in time.
        for (int i = 0, listed = 0; i < MembershipFrames.Buckets; i++)
        {
            int bucket = (int)(((salt >> 8) + (ulong)i) % MembershipFrames.Buckets);
            if (BinaryPrimitives.ReadUInt64LittleEndian(body[(bucket * 8)..]) != _digest[bucket]
                && listed + sizes[bucket] <= MembershipFrames.ListedMax)
            {
                listed += sizes[bucket];
                buckets[bucket >> 3] |= (byte)(1 << (bucket & 7));
            }
        }

        _digest.CollectHashes(buckets);
        SendListing(peer, buckets, salt);
        peer.ListingOut = true;
        peer.LastMoveNs = nowNs;
        return true;
    }

    private void SendListing(ExchangePeer peer, ReadOnlySpan<byte> buckets, ulong salt)
    {
        MembershipFrames.WriteHead(
            _frame, MembershipFrames.ListingMark, _digest.Hashes.Count, salt,
            buckets.IsEmpty ? MembershipFrames.SingleFlag : (byte)0);
        buckets.CopyTo(_frame.AsSpan(MembershipFrames.HeadLength));
        int offset = MembershipFrames.HeadLength + buckets.Length;
        foreach (ulong hash in _digest.Hashes)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(_frame.AsSpan(offset), hash);
            offset += sizeof(ulong);
        }

        Send(peer.Number, offset);
    }

    private bool OnListing(
        ExchangePeer peer, ReadOnlySpan<byte> body, int count, ulong salt, byte flags, long nowNs)
    {
        bool isSingle = (flags & MembershipFrames.SingleFlag) != 0;
        int bucketBytes = isSingle ? 0 : MembershipFrames.BucketSetLength;
        if (count > MembershipFrames.ListedMax || body.Length != bucketBytes + (count * 8))
        {
            return false;
        }

        // An answer that comes after patience ended is no misdeed; one that nobody asked for is not looked at either.
        if (isSingle ? !peer.ListingOut : peer.DigestOut != salt)
        {
            Counters.RateExceeded++;
            return true;
        }

        ReadOnlySpan<byte> listed = body[bucketBytes..];
        for (int i = 1; i < count; i++)
        {
            if (HashAt(listed, i) <= HashAt(listed, i - 1))
            {
                return false;
            }
        }

        peer.ListingOut = false;
        peer.DigestOut = null;
        peer.Wanted.Clear();
        for (int i = 0; i < count; i++)
        {
            if (_book.FindHash(HashAt(listed, i)) is null)
            {
                peer.Wanted.Add(HashAt(listed, i));
            }
        }

        if (!isSingle)
        {
            OfferMissing(peer, body[..bucketBytes], listed, salt);
        }

        peer.AskOut = 0;
        AskOn(peer, nowNs);
        return true;
    }

    private static ulong HashAt(ReadOnlySpan<byte> hashes, int index) =>
        BinaryPrimitives.ReadUInt64LittleEndian(hashes[(index * 8)..]);

    // What this node has in the buckets and the peer has not: both lists ascend.
    private void OfferMissing(
        ExchangePeer peer, ReadOnlySpan<byte> buckets, ReadOnlySpan<byte> listed, ulong salt)
    {
        _digest.CollectHashes(buckets);
        int count = listed.Length / 8;
        int kept = 0;
        int at = 0;
        for (int i = 0; i < _digest.Hashes.Count; i++)
        {
            ulong hash = _digest.Hashes[i];
            while (at < count && HashAt(listed, at) < hash)
            {
                at++;
            }

            if ((at == count || HashAt(listed, at) != hash) && kept < MembershipFrames.ListedMax)
            {
                _digest.Hashes[kept++] = hash;
            }
        }

        _digest.Hashes.RemoveRange(kept, _digest.Hashes.Count - kept);
        if (kept > MembershipFrames.RecordsMax)
        {
            SendListing(peer, default, salt);
        }
        else if (kept > 0)
        {
            SendRecords(peer.Number, _digest.Hashes.ConvertAll(hash => _book.FindHash(hash)!.Record!));
        }
    }

    // Asks for the next records when the ones before have come.
    private void AskOn(ExchangePeer peer, long nowNs)
    {
        peer.LastMoveNs = nowNs;
        if (peer.AskOut != 0 || peer.Wanted.Count == 0 || !peer.TryTakeAsked(MembershipFrames.RecordsMax, nowNs))
        {
            return;
        }

        int count = 0;
        while (peer.Wanted.Count > 0 && count < MembershipFrames.RecordsMax)
        {
            ulong hash = peer.Wanted[^1];
            peer.Wanted.RemoveAt(peer.Wanted.Count - 1);
            // Another peer may have sent it meanwhile.
            if (_book.FindHash(hash) is null)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(
                    _frame.AsSpan(MembershipFrames.HeadLength + (count * 8)), hash);
                count++;
            }
        }

        if (count > 0)
        {
            peer.AskOut = ++_asks;
            MembershipFrames.WriteHead(_frame, MembershipFrames.WantMark, count, peer.AskOut);
            Send(peer.Number, MembershipFrames.HeadLength + (count * 8));
        }
    }

    private bool OnWant(ExchangePeer peer, ReadOnlySpan<byte> body, int count, ulong ask, long nowNs)
    {
        if (count is 0 or > MembershipFrames.RecordsMax || ask == 0 || body.Length != count * 8)
        {
            return false;
        }

        if (!peer.TryTakeServed(count, nowNs))
        {
            Exceeded(peer);
            return true;
        }

        var records = new List<NodeRecord>(count);
        for (int i = 0; i < count; i++)
        {
            if (_book.FindHash(HashAt(body, i))?.Record is { } record)
            {
                records.Add(record);
            }
        }

        // An empty answer too: it says that what was asked for is gone, and the peer asks on.
        SendRecords(peer.Number, records, ask);
        return true;
    }

    private bool OnRecords(ExchangePeer peer, ReadOnlySpan<byte> body, int count, ulong ask, long nowNs)
    {
        if (count > MembershipFrames.RecordsMax)
        {
            return false;
        }

        bool wasAsked = ask != 0 && ask == peer.AskOut;
        if (!wasAsked && !peer.TryTakePushed(Math.Max(count, 1), nowNs))
        {
            Exceeded(peer);
            return true;
        }

        for (int i = 0; i < count; i++)
        {
            if (body.Length < NodeRecordLayout.LengthMin
                || BinaryPrimitives.ReadUInt16LittleEndian(body[NodeRecordLayout.LengthOffset..]) is var length
                && (length < NodeRecordLayout.LengthMin || length > body.Length))
            {
                return false;
            }

            if (!TakeRecord(peer, body[..length], wasAsked, nowNs))
            {
                // What else is in the frame is not worth a signature check.
                return true;
            }

            body = body[length..];
        }

        if (wasAsked)
        {
            peer.AskOut = 0;
            AskOn(peer, nowNs);
        }

        return body.IsEmpty;
    }

    private bool TakeRecord(ExchangePeer peer, ReadOnlySpan<byte> bytes, bool wasAsked, long nowNs)
    {
        if (!NodeRecord.TryPeek(bytes, out PeerId identity, out ulong sequence) || !_book.IsNews(identity, sequence))
        {
            Counters.Stale++;
            return true;
        }

        if (_book.Find(identity)?.Record is { } known && known.Bytes.SequenceEqual(bytes))
        {
            Counters.Stale++;
            return true;
        }

        if (!_checks.TryTake(1, nowNs))
        {
            Counters.RateExceeded++;
            return false;
        }

        Counters.Verified++;
        if (NodeRecord.TryRead(bytes, _networkId, out NodeRecord? record) != RecordError.None)
        {
            Counters.Bad++;
            _link.OnMisbehaviour(peer.Number, Refusal.BadRecord);
            return false;
        }

        // A node's own word of itself, and what was pushed, is news for others as well.
        Take(record!, peer.Number, nowNs, pushOn: !wasAsked);
        return true;
    }

    private void Take(NodeRecord record, int source, long nowNs, bool pushOn)
    {
        RecordOutcome outcome = _book.Offer(record, source, nowNs, out BookNode? node);
        switch (outcome)
        {
            case RecordOutcome.Added or RecordOutcome.Updated:
                _isBusy = true;
                _link.OnRecord(node!, isNew: outcome == RecordOutcome.Added);
                if (pushOn && _news.Count < PushQueueMax && _pushes.TryTake(1, nowNs))
                {
                    _news.Add((record.Hash, source));
                }

                break;
            case RecordOutcome.Full:
                Counters.Full++;
                break;
            default:
                Counters.Stale++;
                break;
        }
    }

    private void PushNews()
    {
        if (_news.Count == 0 || _peerNumbers.Count == 0)
        {
            _news.Clear();
            return;
        }

        foreach ((ulong hash, int source) in _news)
        {
            if (_book.FindHash(hash)?.Record is not { } record)
            {
                continue;
            }

            int first = Draw(_peerNumbers.Count);
            int pushes = Math.Min(PushFanout, _peerNumbers.Count);
            for (int i = 0; i < pushes; i++)
            {
                int peer = _peerNumbers[(first + i) % _peerNumbers.Count];
                if (peer != source && _book[peer]?.Peer != record.Peer)
                {
                    SendRecords(peer, [record]);
                }
            }
        }

        _news.Clear();
    }

    private void SendRecords(int peer, List<NodeRecord> records, ulong ask = 0)
    {
        int offset = MembershipFrames.HeadLength;
        MembershipFrames.WriteHead(_frame, MembershipFrames.RecordsMark, records.Count, ask);
        foreach (NodeRecord record in records)
        {
            record.Bytes.CopyTo(_frame.AsSpan(offset));
            offset += record.Bytes.Length;
        }

        Send(peer, offset);
    }

    private void Send(int peer, int length)
    {
        Counters.SentBytes += length;
        _link.TrySend(peer, _frame.AsSpan(0, length));
    }

    private void Exceeded(ExchangePeer peer)
    {
        Counters.RateExceeded++;
        _link.OnMisbehaviour(peer.Number, Refusal.RateExceeded);
    }

    private int Draw(int count)
    {
        _random += 0x9E3779B97F4A7C15;
        return (int)(((UInt128)BookDigest.Mix(_random) * (uint)count) >> 64);
    }
}
