using Fragcast.Primitives.Rlp;

namespace Fragcast.Primitives.Transactions;

/// <summary>Writes the EIP-2718 encodings of all transaction types, and what their senders sign.</summary>
internal static class TransactionEncoder
{
    /// <summary>The encoding with the signature the builder holds.</summary>
    public static byte[] Encode(TransactionBuilder tx)
    {
        var fields = new RlpWriter();
        var raw = new RlpWriter();
        try
        {
            WriteSignedFields(ref fields, tx);
            if (tx.Type != TxType.Deposit)
            {
                fields.Write(SignatureV(tx.Type, tx.ChainId, tx.YParity));
                fields.Write(tx.R);
                fields.Write(tx.S);
            }

            WriteType(ref raw, tx.Type);
            raw.StartList(fields.Length);
            raw.WriteRaw(fields.Written);
            return raw.ToArray();
        }
        finally
        {
            fields.Dispose();
            raw.Dispose();
        }
    }

    /// <summary>
    /// What stands before r: the y parity of typed transactions; of legacy ones 27, or 35 + 2 * chain id (EIP-155), and
    /// one more if the parity is odd.
    /// </summary>
    public static UInt256 SignatureV(TxType type, ulong? chainId, ulong yParity) =>
        type != TxType.Legacy ? yParity
        : chainId is { } id ? ((UInt256)id << 1) + (35 + yParity)
        : 27 + yParity;

    /// <summary>
    /// Writes the bytes whose keccak is signed: type, list header, the signed fields as they are encoded, and for
    /// legacy transactions with a chain id that id and two zeros (EIP-155).
    /// </summary>
    public static void WriteSigningPayload(
        ref RlpWriter writer, TxType type, ReadOnlySpan<byte> signedFields, ulong? chainId)
    {
        WriteType(ref writer, type);
        if (type == TxType.Legacy && chainId is { } id)
        {
            writer.StartList(signedFields.Length + RlpLength.Of(id) + 2);
            writer.WriteRaw(signedFields);
            writer.Write(id);
            writer.Write(0UL);
            writer.Write(0UL);
            return;
        }

        writer.StartList(signedFields.Length);
        writer.WriteRaw(signedFields);
    }

    /// <summary>Writes all fields but the signature, without list header.</summary>
    public static void WriteSignedFields(ref RlpWriter writer, TransactionBuilder tx)
    {
        if (tx.Type == TxType.Deposit)
        {
            WriteDepositFields(ref writer, tx);
            return;
        }

        if (tx.Type != TxType.Legacy)
        {
            writer.Write(tx.ChainId ?? 0);
        }

        writer.Write(tx.Nonce);
        if (tx.Type > TxType.AccessList)
        {
            writer.Write(tx.MaxPriorityFeePerGas);
        }

        writer.Write(tx.MaxFeePerGas);
        writer.Write(tx.GasLimit);
        writer.Write(tx.To);
        writer.Write(tx.Value);
        writer.Write(tx.Data.Span);
        if (tx.Type != TxType.Legacy)
        {
            WriteAccessList(ref writer, tx.AccessList);
        }

        if (tx.Type == TxType.Blob)
        {
            writer.Write(tx.MaxFeePerBlobGas);
            WriteHashes(ref writer, tx.BlobHashes);
        }

        if (tx.Type == TxType.SetCode)
        {
            WriteAuthorizations(ref writer, tx.Authorizations);
        }
    }

    private static void WriteDepositFields(ref RlpWriter writer, TransactionBuilder tx)
    {
        writer.Write(tx.SourceHash);
        writer.Write(tx.DepositFrom);
        writer.Write(tx.To);
        writer.Write(tx.Mint);
        writer.Write(tx.Value);
        writer.Write(tx.GasLimit);
        writer.Write(tx.IsSystemTx ? 1UL : 0UL);
        writer.Write(tx.Data.Span);
    }

    private static void WriteAccessList(ref RlpWriter writer, AccessListEntry[] entries)
    {
        writer.StartList();
        foreach (var (address, keys) in entries)
        {
            writer.StartList();
            writer.Write(address);
            writer.StartList();
            foreach (var key in keys)
            {
                writer.Write(Hash256.FromUInt256(key));
            }

            writer.EndList();
            writer.EndList();
        }

        writer.EndList();
    }

    private static void WriteHashes(ref RlpWriter writer, Hash256[] hashes)
    {
        writer.StartList();
        foreach (var hash in hashes)
        {
            writer.Write(hash);
        }

        writer.EndList();
    }

    private static void WriteAuthorizations(ref RlpWriter writer, Authorization[] authorizations)
    {
        writer.StartList();
        foreach (var authorization in authorizations)
        {
            writer.StartList();
            writer.Write(authorization.ChainId);
            writer.Write(authorization.Address);
            writer.Write(authorization.Nonce);
            writer.Write((ulong)authorization.YParity);
            writer.Write(authorization.R);
            writer.Write(authorization.S);
            writer.EndList();
        }

        writer.EndList();
    }

    private static void WriteType(ref RlpWriter writer, TxType type)
    {
        if (type != TxType.Legacy)
        {
            writer.WriteRaw([(byte)type]);
        }
    }
}
