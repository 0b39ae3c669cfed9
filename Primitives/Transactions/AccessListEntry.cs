namespace Fragcast.Primitives.Transactions;

/// <summary>An account, and slots of it, that a transaction announces (EIP-2930).</summary>
/// <param name="Address">The account.</param>
/// <param name="StorageKeys">The slots; equality of entries does not look into them.</param>
public readonly record struct AccessListEntry(Address Address, UInt256[] StorageKeys);
