using Fragcast.Execution.Evm;
using Fragcast.Execution.State;
using Fragcast.Primitives;
using Fragcast.Primitives.Transactions;

namespace Fragcast.Execution.Blocks;

/// <summary>
/// The fees that an OP-stack chain takes beside those of EIP-1559: for data on L1, and for the operator. The prices
/// are those that the L1 attributes deposit, a block's first transaction, left in the L1Block contract. (OP
/// specification, "Execution Engine" of Ecotone, Fjord, Isthmus and Jovian)
/// </summary>
internal sealed class OpFees(JournaledState state)
{
    private const ulong FjordMinSize = 100_000_000;
    private const ulong FjordSizePerByte = 836_500;
    private const ulong FjordIntercept = 42_585_600;
    private const uint SizeScale = 1_000_000;

    private static readonly UInt256 BaseFeeSlot = 1;
    private static readonly UInt256 ScalarsSlot = 3;
    private static readonly UInt256 OverheadSlot = 5;
    private static readonly UInt256 BedrockScalarSlot = 6;
    private static readonly UInt256 BlobBaseFeeSlot = 7;
    private static readonly UInt256 OperatorSlot = 8;

    private readonly FastLz _fastLz = new();
    private OpFork _fork;
    private UInt256 _baseFee;
    private UInt256 _blobBaseFee;
    private UInt256 _overhead;
    private UInt256 _bedrockScalar;
    private uint _baseFeeScalar;
    private uint _blobBaseFeeScalar;
    private uint _operatorScalar;
    private ulong _operatorConstant;
    private uint _footprintScalar;
    private bool _isLoaded;

    /// <summary>Starts a block.</summary>
    public void Begin(OpFork fork)
    {
        _fork = fork;
        _isLoaded = false;
    }

    /// <summary>The prices may have changed: a deposit was executed, or taken back.</summary>
    public void Invalidate() => _isLoaded = false;

    /// <summary>Estimated size on L1 of a transaction, in millionths of a byte (Fjord).</summary>
    public ulong EstimatedSize(Transaction transaction)
    {
        ulong compressed = (ulong)_fastLz.CompressedLength(transaction.Raw.Span) * FjordSizePerByte;
        return compressed > FjordMinSize + FjordIntercept ? compressed - FjordIntercept : FjordMinSize;
    }

    /// <summary>
    /// What of the block's gas limit a transaction's data takes up beside its gas (Jovian); zero before.
    /// </summary>
    public ulong Footprint(ulong estimatedSize)
    {
        Load();
        return _fork >= OpFork.Jovian ? estimatedSize / SizeScale * _footprintScalar : 0;
    }

    /// <summary>The L1 fee of a transaction in wei.</summary>
    /// <param name="transaction">The transaction, not a deposit.</param>
    /// <param name="estimatedSize">From <see cref="EstimatedSize"/>; not used before Fjord.</param>
    public UInt256 L1Fee(Transaction transaction, ulong estimatedSize)
    {
        Load();
        if (_fork < OpFork.Ecotone || IsFirstOfEcotone) return BedrockFee(transaction);
        UInt256 price = _baseFee * ((ulong)_baseFeeScalar * 16) + _blobBaseFee * _blobBaseFeeScalar;
        return _fork >= OpFork.Fjord
            ? price * estimatedSize / 1_000_000_000_000
            : price * DataGas(transaction) / 16_000_000;
    }

    /// <summary>The operator fee in wei for an amount of gas; zero before Isthmus.</summary>
    public UInt256 OperatorFee(ulong gas)
    {
        if (_fork < OpFork.Isthmus) return UInt256.Zero;
        Load();
        UInt256 scaled = (UInt256)gas * _operatorScalar;
        return (_fork >= OpFork.Jovian ? scaled * 100 : scaled / 1_000_000) + _operatorConstant;
    }

    /// <summary>In its first block, Ecotone's prices are not set yet.</summary>
    private bool IsFirstOfEcotone => _baseFeeScalar == 0 && _blobBaseFeeScalar == 0 && _blobBaseFee.IsZero;

    private UInt256 BedrockFee(Transaction transaction) =>
        (DataGas(transaction) + _overhead) * _baseFee * _bedrockScalar / SizeScale;

    /// <summary>Four for a zero byte, sixteen for another.</summary>
    private static UInt256 DataGas(Transaction transaction)
    {
        ReadOnlySpan<byte> raw = transaction.Raw.Span;
        return (ulong)raw.Length * 16 - (ulong)raw.Count((byte)0) * 12;
    }

    private void Load()
    {
        if (_isLoaded) return;
        int contract = state.Account(OpAddresses.L1Block);
        _baseFee = Read(contract, BaseFeeSlot);
        if (_fork >= OpFork.Ecotone)
        {
            UInt256 scalars = Read(contract, ScalarsSlot);
            _baseFeeScalar = (uint)(scalars.U1 >> 32);
            _blobBaseFeeScalar = (uint)scalars.U1;
            _blobBaseFee = Read(contract, BlobBaseFeeSlot);
        }

        if (_fork < OpFork.Ecotone || IsFirstOfEcotone)
        {
            _overhead = Read(contract, OverheadSlot);
            _bedrockScalar = Read(contract, BedrockScalarSlot);
        }

        if (_fork >= OpFork.Isthmus)
        {
            UInt256 operatorSlot = Read(contract, OperatorSlot);
            _operatorConstant = operatorSlot.U0;
            _operatorScalar = (uint)operatorSlot.U1;
            _footprintScalar = (ushort)(operatorSlot.U1 >> 32);
        }

        _isLoaded = true;
    }

    private UInt256 Read(int contract, in UInt256 slot) => state.Current(state.Slot(contract, slot));
}
