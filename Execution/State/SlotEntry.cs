using Fragcast.Primitives;

namespace Fragcast.Execution.State;

/// <summary>A resident storage slot, 128 bytes.</summary>
internal struct SlotEntry
{
    public UInt256 Key;
    public UInt256 Current;

    // Value at the start of the transaction named by OriginalEpoch, the one that first wrote the slot.
    public UInt256 Original;
    public int Account;
    public int NextOfAccount;
    public uint WarmEpoch;
    public uint OriginalEpoch;
    public uint ChangeEpoch;
    public uint BlockEpoch;

    // Transaction that last accessed the slot while accesses were recorded.
    public uint AccessEpoch;

    // The slot was loaded while the account's source storage counted as gone: if that is undone it is read again.
    public bool LoadedWithoutSource;
}
