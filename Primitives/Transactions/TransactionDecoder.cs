using Fragcast.Primitives.Rlp;

namespace Fragcast.Primitives.Transactions;

/// <summary>
/// Reads the EIP-2718 encodings of all transaction types. Fields are read in order; the reader keeps its first failure,
/// so a step that fails ends the chain of conditions and the error is named once, at the end.
/// </summary>
internal ref struct TransactionDecoder
{
    private readonly ReadOnlyMemory<byte> _raw;
    private readonly Transaction _tx;
    private RlpReader _fields;

    // Set where the form is right and the value is not, which the reader cannot know.
    private TxDecodeError _error;

    // The error of a reader of a list inside, which the outer reader does not know of.
    private RlpError _inner;

    private TransactionDecoder(ReadOnlyMemory<byte> raw, TxType type)
    {
        _raw = raw;
        _tx = new Transaction(raw, type);
    }

    /// <inheritdoc cref="Transaction.TryDecode"/>
    public static TxDecodeError TryDecode(ReadOnlyMemory<byte> raw, out Transaction? transaction)
    {
        transaction = null;
        if (raw.IsEmpty)
        {
            return TxDecodeError.Empty;
        }

        var first = raw.Span[0];
        var isLegacy = first >= 0xC0;
        if (!isLegacy && first is not (1 or 2 or 3 or 4 or (byte)TxType.Deposit))
        {
            return TxDecodeError.UnknownType;
        }

        var decoder = new TransactionDecoder(raw, isLegacy ? TxType.Legacy : (TxType)first);
        var error = decoder.Decode();
        if (error == TxDecodeError.None)
        {
            transaction = decoder._tx;
        }

        return error;
    }

    private TxDecodeError Decode()
    {
        // Offsets the reader gives count from the span it was made over, so the type byte is read over, not sliced off.
        var outer = new RlpReader(_raw.Span);
        if (_tx.Type != TxType.Legacy)
        {
            outer.TrySkip();
        }

        if (!outer.TryReadList(out _fields))
        {
            return Name(outer.Error);
        }

        if (!outer.TryFinish())
        {
            return TxDecodeError.TrailingData;
        }

        if (_tx.Type == TxType.Blob && _fields.IsNextList)
        {
            return TxDecodeError.BlobSidecar;
        }

        var start = _fields.Position;
        var good = _tx.Type switch
        {
            TxType.Legacy => TryReadLegacy(start),
            TxType.Deposit => TryReadDeposit(),
            _ => TryReadTyped(start),
        };
        if (good && _fields.TryFinish())
        {
            return TxDecodeError.None;
        }

        return _error != TxDecodeError.None ? _error
            : _inner != RlpError.None ? Name(_inner)
            : Name(_fields.Error);
    }

    private bool TryReadLegacy(int start)
    {
        if (!(TryReadNonce() && TryReadGasPrice() && TryReadCall()))
        {
            return false;
        }

        _tx.SignedFields = (start, _fields.Position);
        return _fields.TryReadUInt256(out var v) && TryTakeLegacyV(v) && TryReadSignatureValues();
    }

    private bool TryReadTyped(int start)
    {
        if (!(TryReadChainId() && TryReadNonce()))
        {
            return false;
        }

        if (!(_tx.Type == TxType.AccessList ? TryReadGasPrice() : TryReadFeeCaps()))
        {
            return false;
        }

        if (!(TryReadCall() && TryReadAccessList()))
        {
            return false;
        }

        if (_tx.Type is TxType.Blob or TxType.SetCode && _tx.To is null)
        {
            return Fail(TxDecodeError.MissingTo);
        }

        if (_tx.Type == TxType.Blob && !TryReadBlobFields())
        {
            return false;
        }

        if (_tx.Type == TxType.SetCode && !TryReadAuthorizations())
        {
            return false;
        }

        _tx.SignedFields = (start, _fields.Position);
        return TryReadYParity() && TryReadSignatureValues();
    }

    private bool TryReadDeposit()
    {
        if (!(_fields.TryReadHash256(out var sourceHash) && _fields.TryReadAddress(out var from)
            && TryReadTo() && _fields.TryReadUInt256(out var mint) && TryReadValue() && TryReadGasLimit()
            && _fields.TryReadUInt64(out var isSystemTx) && TryReadData()))
        {
            return false;
        }

        _tx.SourceHash = sourceHash;
        _tx.DepositFrom = from;
        _tx.Mint = mint;
        _tx.IsSystemTx = isSystemTx == 1;
        return isSystemTx <= 1 || Fail(TxDecodeError.BadFlag);
    }

    private bool TryReadChainId()
    {
        if (!_fields.TryReadUInt256(out var chainId))
        {
            return false;
        }

        _tx.ChainId = chainId.U0;
        return chainId.FitsUInt64 || Fail(TxDecodeError.ChainIdTooLarge);
    }

    private bool TryReadNonce()
    {
        var good = _fields.TryReadUInt64(out var nonce);
        _tx.Nonce = nonce;
        return good;
    }

    private bool TryReadGasPrice()
    {
        var good = _fields.TryReadUInt256(out var gasPrice);
        _tx.MaxFeePerGas = gasPrice;
        _tx.MaxPriorityFeePerGas = gasPrice;
        return good;
    }

    private bool TryReadFeeCaps()
    {
        if (!(_fields.TryReadUInt256(out var tip) && _fields.TryReadUInt256(out var cap)))
        {
            return false;
        }

        _tx.MaxPriorityFeePerGas = tip;
        _tx.MaxFeePerGas = cap;
        return true;
    }

    private bool TryReadCall() => TryReadGasLimit() && TryReadTo() && TryReadValue() && TryReadData();

    private bool TryReadGasLimit()
    {
        var good = _fields.TryReadUInt64(out var gasLimit);
        _tx.GasLimit = gasLimit;
        return good;
    }

    private bool TryReadTo()
    {
        var good = _fields.TryReadOptionalAddress(out var to);
        _tx.To = to;
        return good;
    }

    private bool TryReadValue()
    {
        var good = _fields.TryReadUInt256(out var value);
        _tx.Value = value;
        return good;
    }

    private bool TryReadData()
    {
        if (!_fields.TryReadBytes(out var data))
        {
            return false;
        }

        _tx.Data = _raw.Slice(_fields.Position - data.Length, data.Length);
        return true;
    }

    private bool TryReadAccessList()
    {
        // Header, address 21, empty list 1. The minimum bounds what a short input makes us allocate.
        const int entryLengthMin = 1 + 21 + 1;
        if (!TryReadArray<AccessListEntry>(entryLengthMin, out var list, out var entries))
        {
            return false;
        }

        for (var i = 0; i < entries.Length; i++)
        {
            if (!list.TryReadList(out var entry))
            {
                return FailInner(list.Error);
            }

            if (!(entry.TryReadAddress(out var address) && entry.TryReadList(out var keyList) && entry.TryFinish()))
            {
                return FailInner(entry.Error);
            }

            if (!TryReadStorageKeys(keyList, out var keys))
            {
                return false;
            }

            entries[i] = new AccessListEntry(address, keys);
        }

        _tx.AccessList = entries;
        return true;
    }

    private bool TryReadStorageKeys(RlpReader list, out UInt256[] keys)
    {
        keys = list.Remaining == 0 ? [] : new UInt256[CeilingOfHashes(list)];
        for (var i = 0; i < keys.Length; i++)
        {
            if (!list.TryReadBytes(Hash256.Size, out var key))
            {
                return FailInner(list.Error);
            }

            keys[i] = UInt256.FromBigEndian(key);
        }

        return true;
    }

    private bool TryReadBlobFields()
    {
        if (!_fields.TryReadUInt256(out var maxFeePerBlobGas) || !_fields.TryReadList(out var list))
        {
            return false;
        }

        var hashes = list.Remaining == 0 ? [] : new Hash256[CeilingOfHashes(list)];
        for (var i = 0; i < hashes.Length; i++)
        {
            if (!list.TryReadHash256(out hashes[i]))
            {
                return FailInner(list.Error);
            }
        }

        _tx.MaxFeePerBlobGas = maxFeePerBlobGas;
        _tx.BlobHashes = hashes;
        return true;
    }

    private bool TryReadAuthorizations()
    {
        // Header, chain id 1, address 21, nonce 1, y parity 1, r 1, s 1.
        const int authorizationLengthMin = 1 + 1 + 21 + 1 + 1 + 1 + 1;
        if (!TryReadArray<Authorization>(authorizationLengthMin, out var list, out var authorizations))
        {
            return false;
        }

        for (var i = 0; i < authorizations.Length; i++)
        {
            if (!list.TryReadList(out var item))
            {
                return FailInner(list.Error);
            }

            if (!(item.TryReadUInt256(out var chainId) && item.TryReadAddress(out var address)
                && item.TryReadUInt64(out var nonce) && item.TryReadUInt64(out var yParity)
                && item.TryReadUInt256(out var r) && item.TryReadUInt256(out var s) && item.TryFinish()))
            {
                return FailInner(item.Error);
            }

            if (yParity > byte.MaxValue)
            {
                return Fail(TxDecodeError.IntegerTooLarge);
            }

            authorizations[i] = new Authorization(chainId, address, nonce, (byte)yParity, r, s);
        }

        _tx.Authorizations = authorizations;
        return true;
    }

    /// <summary>
    /// Opens a list and allocates room for its items, after checking that its bytes suffice for so many.
    /// </summary>
    private bool TryReadArray<T>(int itemLengthMin, out RlpReader list, out T[] items)
    {
        items = [];
        if (!_fields.TryReadList(out list) || list.Remaining == 0)
        {
            return _fields.Error == RlpError.None;
        }

        if (!list.TryCountItems(out var count))
        {
            return FailInner(RlpError.UnexpectedEnd);
        }

        if ((long)count * itemLengthMin > list.Remaining)
        {
            return FailInner(RlpError.WrongSize);
        }

        items = new T[count];
        return true;
    }

    /// <summary>Number of 33-byte items in a list, rounded up so that an incomplete one is met and refused.</summary>
    private static int CeilingOfHashes(RlpReader list) => (list.Remaining + Hash256.Size) / (1 + Hash256.Size);

    /// <summary>Takes v of a legacy signature: 27 or 28, or 35 and more with the chain id in it (EIP-155).</summary>
    private bool TryTakeLegacyV(in UInt256 v)
    {
        if (v == 27 || v == 28)
        {
            _tx.YParity = (byte)(v.U0 - 27);
            return true;
        }

        if (v < 35)
        {
            return Fail(TxDecodeError.BadSignatureV);
        }

        var rest = v - 35;
        var chainId = rest >> 1;
        _tx.YParity = (byte)(rest.U0 & 1);
        _tx.ChainId = chainId.U0;
        return chainId.FitsUInt64 || Fail(TxDecodeError.ChainIdTooLarge);
    }

    private bool TryReadYParity()
    {
        if (!_fields.TryReadUInt64(out var yParity))
        {
            return false;
        }

        _tx.YParity = (byte)yParity;
        return yParity <= 1 || Fail(TxDecodeError.BadSignatureV);
    }

    private bool TryReadSignatureValues()
    {
        if (!(_fields.TryReadUInt256(out var r) && _fields.TryReadUInt256(out var s)))
        {
            return false;
        }

        _tx.R = r;
        _tx.S = s;
        return true;
    }

    private bool Fail(TxDecodeError error)
    {
        _error = error;
        return false;
    }

    private bool FailInner(RlpError error)
    {
        _inner = error;
        return false;
    }

    private static TxDecodeError Name(RlpError error) => error switch
    {
        RlpError.UnexpectedEnd => TxDecodeError.MissingFields,
        RlpError.TrailingData => TxDecodeError.TrailingData,
        RlpError.WrongSize => TxDecodeError.WrongSize,
        RlpError.IntegerTooLarge => TxDecodeError.IntegerTooLarge,
        _ => TxDecodeError.MalformedRlp,
    };
}
