using Fragcast.Execution.Evm;
using Fragcast.Primitives.Transactions;

namespace Fragcast.Execution.Blocks;

/// <summary>
/// Gas that a transaction costs before anything of it is executed (Yellow Paper, 6.2, and later EIPs).
/// </summary>
internal static class IntrinsicGas
{
    private const ulong Base = 21_000;
    private const ulong Create = 32_000;
    private const ulong ZeroByte = 4;
    private const ulong NonzeroByteFrontier = 68;
    private const ulong NonzeroByteIstanbul = 16;
    private const ulong AccessListAddress = 2_400;
    private const ulong AccessListKey = 1_900;
    private const ulong InitCodeWord = 2;
    private const ulong FloorPerToken = 10;
    private const ulong TokensPerNonzeroByte = 4;

    /// <summary>EIP-7702: of an authorization, as if its account were new.</summary>
    public const ulong Authorization = 25_000;

    /// <summary>EIP-7702: what of it is refunded when the account exists.</summary>
    public const long AuthorizationRefund = 12_500;

    /// <summary>The intrinsic gas. Sums can't overflow: each part is bounded by the transaction's bytes.</summary>
    public static ulong Of(Transaction transaction, Fork fork)
    {
        ReadOnlySpan<byte> data = transaction.Data.Span;
        ulong zeros = (ulong)data.Count((byte)0);
        ulong nonzeros = (ulong)data.Length - zeros;
        ulong gas = Base + zeros * ZeroByte
            + nonzeros * (fork >= Fork.Istanbul ? NonzeroByteIstanbul : NonzeroByteFrontier);
        if (transaction.IsCreate && fork >= Fork.Homestead) gas += Create;
        if (transaction.IsCreate && fork >= Fork.Shanghai) gas += ((ulong)data.Length + 31) / 32 * InitCodeWord;
        foreach (ref readonly AccessListEntry entry in transaction.AccessList.AsSpan())
            gas += AccessListAddress + (ulong)entry.StorageKeys.Length * AccessListKey;
        return gas + (ulong)transaction.Authorizations.Length * Authorization;
    }

    /// <summary>
    /// The least gas that the transaction is charged, whatever it executes (EIP-7623); zero before Prague.
    /// </summary>
    public static ulong FloorOf(Transaction transaction, Fork fork)
    {
        if (fork < Fork.Prague) return 0;
        ReadOnlySpan<byte> data = transaction.Data.Span;
        ulong zeros = (ulong)data.Count((byte)0);
        ulong tokens = zeros + ((ulong)data.Length - zeros) * TokensPerNonzeroByte;
        return Base + tokens * FloorPerToken;
    }
}
