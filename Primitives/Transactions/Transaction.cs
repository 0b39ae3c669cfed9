using System.Diagnostics;
using Fragcast.Primitives.Rlp;

namespace Fragcast.Primitives.Transactions;

/// <summary>
/// A transaction, decoded once from its EIP-2718 encoding. It keeps the bytes it came from, and <see cref="Data"/> is
/// a slice of them, so they must live and stay unchanged as long as it. Reading is thread-safe; hash and sender are
/// computed when first asked for and kept.
/// </summary>
public sealed class Transaction
{
    private const int StackBufferLength = 1024;

    // Threads that race to fill these write the same values. Volatile keeps the flag's write behind the value's, and
    // the value's read behind the flag's: a thread that sees the flag sees the value.
    private Hash256 _hash;
    private Address _sender;
    private volatile bool _hashKnown;
    private volatile Recovery _recovery;

    internal Transaction(ReadOnlyMemory<byte> raw, TxType type)
    {
        Raw = raw;
        Type = type;
    }

    private enum Recovery : byte
    {
        NotTried,
        Found,
        Impossible,
    }

    /// <summary>The EIP-2718 encoding it was decoded from.</summary>
    public ReadOnlyMemory<byte> Raw { get; }

    /// <summary>The type.</summary>
    public TxType Type { get; }

    /// <summary>The chain it is for; null for a legacy transaction that any chain takes, and for deposits.</summary>
    public ulong? ChainId { get; internal set; }

    /// <summary>The sender's nonce; 0 for deposits.</summary>
    public ulong Nonce { get; internal set; }

    /// <summary>
    /// Gas price in wei of legacy and EIP-2930 transactions; for others another name of the fee cap.
    /// </summary>
    public UInt256 GasPrice => MaxFeePerGas;

    /// <summary>Fee cap in wei for each unit of gas; the gas price for types without a cap.</summary>
    public UInt256 MaxFeePerGas { get; internal set; }

    /// <summary>Tip cap in wei for each unit of gas; the gas price for types without a cap.</summary>
    public UInt256 MaxPriorityFeePerGas { get; internal set; }

    /// <summary>Gas limit.</summary>
    public ulong GasLimit { get; internal set; }

    /// <summary>The receiver, or null to create a contract.</summary>
    public Address? To { get; internal set; }

    /// <summary>Wei moved to the receiver.</summary>
    public UInt256 Value { get; internal set; }

    /// <summary>Input of the call, or init code: a slice of <see cref="Raw"/>.</summary>
    public ReadOnlyMemory<byte> Data { get; internal set; }

    /// <summary>The access list; empty for types without.</summary>
    public AccessListEntry[] AccessList { get; internal set; } = [];

    /// <summary>The versioned blob hashes; empty for types without.</summary>
    public Hash256[] BlobHashes { get; internal set; } = [];

    /// <summary>Fee cap in wei for each unit of blob gas; 0 for types without.</summary>
    public UInt256 MaxFeePerBlobGas { get; internal set; }

    /// <summary>The authorizations; empty for types without.</summary>
    public Authorization[] Authorizations { get; internal set; } = [];

    /// <summary>Recovery id of the signature, 0 or 1; the y parity of typed transactions.</summary>
    public byte YParity { get; internal set; }

    /// <summary>Half of the signature; 0 for deposits.</summary>
    public UInt256 R { get; internal set; }

    /// <summary>Half of the signature; 0 for deposits.</summary>
    public UInt256 S { get; internal set; }

    /// <summary>What makes a deposit unique; zero for others.</summary>
    public Hash256 SourceHash { get; internal set; }

    /// <summary>Wei a deposit mints on its sender; 0 for others.</summary>
    public UInt256 Mint { get; internal set; }

    /// <summary>Whether a deposit takes no gas from the block (before Regolith only); false for others.</summary>
    public bool IsSystemTx { get; internal set; }

    /// <summary>Sets the sender that a deposit names.</summary>
    internal Address DepositFrom
    {
        set => _sender = value;
    }

    /// <summary>Whether it is an OP-stack deposit.</summary>
    public bool IsDeposit => Type == TxType.Deposit;

    /// <summary>Whether it creates a contract.</summary>
    public bool IsCreate => To is null;

    /// <summary>
    /// The v of the signature as RPC shows it: the y parity, or 27, 35 + 2 * chain id and one more (EIP-155).
    /// </summary>
    public UInt256 V => TransactionEncoder.SignatureV(Type, ChainId, YParity);

    /// <summary>The transaction hash: keccak of <see cref="Raw"/>.</summary>
    public Hash256 Hash
    {
        get
        {
            if (!_hashKnown)
            {
                ComputeHash();
            }

            return _hash;
        }
    }

    /// <summary>The sender, or null if the signature is invalid. Recovers it if nobody has so far.</summary>
    public Address? Sender => TryRecoverSender(out var sender) ? sender : null;

    /// <summary>Where in <see cref="Raw"/> the fields that are signed lie, without any header.</summary>
    internal (int Start, int End) SignedFields { get; set; }

    /// <summary>
    /// Decodes a transaction. Any input gives a value or an error; what is allocated is bounded by the input's length.
    /// </summary>
    /// <remarks>
    /// Checks the form: canonical RLP, field sizes, v. Not checked, because it depends on block or state: fork, chain,
    /// fees, gas, nonce, number of blobs or authorizations, and the signature (<see cref="TryRecoverSender"/>).
    /// </remarks>
    /// <param name="raw">The EIP-2718 encoding, all of it, which the transaction keeps.</param>
    /// <param name="transaction">The transaction, or null on an error.</param>
    public static TxDecodeError TryDecode(ReadOnlyMemory<byte> raw, out Transaction? transaction) =>
        TransactionDecoder.TryDecode(raw, out transaction);

    /// <summary>
    /// The account it is from: the field of a deposit, else recovered from the signature, once.
    /// </summary>
    /// <returns>False if r or s is out of range, s is in the upper half (EIP-2), or no key can have signed.</returns>
    public bool TryRecoverSender(out Address sender)
    {
        if (_recovery == Recovery.NotTried)
        {
            Recover();
        }

        sender = _sender;
        return _recovery == Recovery.Found;
    }

    /// <summary>The digest that the sender signs; not kept. Deposits are not signed and have none.</summary>
    public Hash256 SigningHash()
    {
        Debug.Assert(!IsDeposit, "A deposit has no signature.");
        var fields = Raw.Span[SignedFields.Start..SignedFields.End];
        var writer = new RlpWriter(stackalloc byte[StackBufferLength]);
        TransactionEncoder.WriteSigningPayload(ref writer, Type, fields, ChainId);
        var digest = Keccak256.Hash(writer.Written);
        writer.Dispose();
        return digest;
    }

    /// <summary>Takes a sender as known, in place of the one that the signature gives.</summary>
    internal void TakeSender(in Address sender)
    {
        _sender = sender;
        _recovery = Recovery.Found;
    }

    private void ComputeHash()
    {
        _hash = Keccak256.Hash(Raw.Span);
        _hashKnown = true;
    }

    private void Recover()
    {
        Address sender = default;
        var found = IsDeposit || SenderRecovery.TryRecover(SigningHash(), R, S, YParity, out sender);
        if (!IsDeposit)
        {
            _sender = sender;
        }

        _recovery = found ? Recovery.Found : Recovery.Impossible;
    }
}
