using Fragcast.Primitives.Crypto;
using Fragcast.Primitives.Rlp;

namespace Fragcast.Primitives.Transactions;

/// <summary>
/// A transaction to be made: set the fields, then <see cref="Sign"/> or <see cref="Encode"/>. Fields that the type does
/// not have are ignored. For tests, load generators and wallets; the hot path decodes instead.
/// </summary>
public sealed class TransactionBuilder
{
    /// <summary>The type to make.</summary>
    public TxType Type { get; set; } = TxType.DynamicFee;

    /// <summary>The chain; null makes a legacy transaction that any chain takes, and 0 in the other types.</summary>
    public ulong? ChainId { get; set; }

    /// <summary>The sender's nonce.</summary>
    public ulong Nonce { get; set; }

    /// <summary>Fee cap, or the gas price of the types without a cap, in wei.</summary>
    public UInt256 MaxFeePerGas { get; set; }

    /// <summary>Tip cap in wei.</summary>
    public UInt256 MaxPriorityFeePerGas { get; set; }

    /// <summary>Gas limit.</summary>
    public ulong GasLimit { get; set; } = 21000;

    /// <summary>The receiver, or null to create a contract.</summary>
    public Address? To { get; set; }

    /// <summary>Wei to move.</summary>
    public UInt256 Value { get; set; }

    /// <summary>Input or init code.</summary>
    public ReadOnlyMemory<byte> Data { get; set; }

    /// <summary>Access list.</summary>
    public AccessListEntry[] AccessList { get; set; } = [];

    /// <summary>Fee cap in wei for each unit of blob gas.</summary>
    public UInt256 MaxFeePerBlobGas { get; set; }

    /// <summary>Versioned blob hashes.</summary>
    public Hash256[] BlobHashes { get; set; } = [];

    /// <summary>Authorizations.</summary>
    public Authorization[] Authorizations { get; set; } = [];

    /// <summary>What makes a deposit unique.</summary>
    public Hash256 SourceHash { get; set; }

    /// <summary>The sender of a deposit; the others' comes from the signature.</summary>
    public Address DepositFrom { get; set; }

    /// <summary>Wei a deposit mints.</summary>
    public UInt256 Mint { get; set; }

    /// <summary>Whether a deposit takes no gas from the block.</summary>
    public bool IsSystemTx { get; set; }

    /// <summary>Recovery id of the signature, 0 or 1.</summary>
    public byte YParity { get; set; }

    /// <summary>Half of the signature.</summary>
    public UInt256 R { get; set; }

    /// <summary>Half of the signature.</summary>
    public UInt256 S { get; set; }

    /// <summary>A builder with the fields and the signature of a transaction.</summary>
    public static TransactionBuilder CopyOf(Transaction transaction) => new()
    {
        Type = transaction.Type,
        ChainId = transaction.ChainId,
        Nonce = transaction.Nonce,
        MaxFeePerGas = transaction.MaxFeePerGas,
        MaxPriorityFeePerGas = transaction.MaxPriorityFeePerGas,
        GasLimit = transaction.GasLimit,
        To = transaction.To,
        Value = transaction.Value,
        Data = transaction.Data,
        AccessList = transaction.AccessList,
        MaxFeePerBlobGas = transaction.MaxFeePerBlobGas,
        BlobHashes = transaction.BlobHashes,
        Authorizations = transaction.Authorizations,
        SourceHash = transaction.SourceHash,
        DepositFrom = transaction.IsDeposit ? transaction.Sender.GetValueOrDefault() : default,
        Mint = transaction.Mint,
        IsSystemTx = transaction.IsSystemTx,
        YParity = transaction.YParity,
        R = transaction.R,
        S = transaction.S,
    };

    /// <summary>The digest to sign.</summary>
    public Hash256 SigningHash()
    {
        var fields = new RlpWriter();
        var payload = new RlpWriter();
        try
        {
            TransactionEncoder.WriteSignedFields(ref fields, this);
            TransactionEncoder.WriteSigningPayload(ref payload, Type, fields.Written, ChainId);
            return Keccak256.Hash(payload.Written);
        }
        finally
        {
            fields.Dispose();
            payload.Dispose();
        }
    }

    /// <summary>The EIP-2718 encoding with the signature as it is set here.</summary>
    public byte[] Encode() => TransactionEncoder.Encode(this);

    /// <summary>Signs with a secret key of 32 bytes, keeps the signature, and gives the EIP-2718 encoding.</summary>
    public byte[] EncodeSigned(ReadOnlySpan<byte> key)
    {
        Span<byte> signature = stackalloc byte[Secp256k1.SignatureSize];
        Secp256k1.Sign(SigningHash(), key, signature);
        R = UInt256.FromBigEndian(signature[..32]);
        S = UInt256.FromBigEndian(signature[32..64]);
        YParity = signature[64];
        return Encode();
    }

    /// <summary>Encodes with the signature as it is set here (deposits have none), and decodes.</summary>
    /// <exception cref="InvalidOperationException">The fields are not a transaction.</exception>
    public Transaction Build() => Decode(Encode());

    /// <summary>
    /// As <see cref="Build"/>, with a sender that is taken as given whatever the signature says: for test fixtures that
    /// name the sender only, and for simulated calls.
    /// </summary>
    /// <exception cref="InvalidOperationException">The fields are not a transaction.</exception>
    public Transaction BuildFrom(in Address sender)
    {
        Transaction transaction = Build();
        transaction.TakeSender(sender);
        return transaction;
    }

    /// <summary>Signs with a secret key of 32 bytes, encodes and decodes.</summary>
    /// <exception cref="InvalidOperationException">The fields are not a transaction.</exception>
    public Transaction Sign(ReadOnlySpan<byte> key) => Decode(EncodeSigned(key));

    private static Transaction Decode(byte[] raw)
    {
        var error = Transaction.TryDecode(raw, out var transaction);
        return transaction ?? throw new InvalidOperationException($"The fields are not a transaction: {error}.");
    }
}
