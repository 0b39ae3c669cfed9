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
    private Prices _prices;

    /// <summary>What the L1Block contract holds.</summary>
    private struct Prices
    {
        public UInt256 BaseFee;
        public UInt256 BlobBaseFee;
        public UInt256 Overhead;
        public UInt256 BedrockScalar;
        public uint BaseFeeScalar;
        public uint BlobBaseFeeScalar;
        public uint OperatorScalar;
        public ulong OperatorConstant;
        public uint FootprintScalar;
        public bool IsLoaded;
    }

    /// <summary>Takes over what another one has loaded for the same block.</summary>
    public void Follow(OpFees other)
    {
        _fork = other._fork;
        _prices = other._prices;
    }

    /// <summary>Starts a block.</summary>
    public void Begin(OpFork fork)
    {
        _fork = fork;
        _prices.IsLoaded = false;
    }

    /// <summary>The prices may have changed: a deposit was executed, or taken back.</summary>
    public void Invalidate() => _prices.IsLoaded = false;

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
        return _fork >= OpFork.Jovian ? estimatedSize / SizeScale * _prices.FootprintScalar : 0;
    }

    /// <summary>The L1 fee of a transaction in wei.</summary>
    /// <param name="transaction">The transaction, not a deposit.</param>
    /// <param name="estimatedSize">From <see cref="EstimatedSize"/>; not used before Fjord.</param>
    public UInt256 L1Fee(Transaction transaction, ulong estimatedSize)
    {
        Load();
        if (_fork < OpFork.Ecotone || IsFirstOfEcotone) return BedrockFee(transaction);
        UInt256 price = _prices.BaseFee * ((ulong)_prices.BaseFeeScalar * 16)
            + _prices.BlobBaseFee * _prices.BlobBaseFeeScalar;
        return _fork >= OpFork.Fjord
            ? price * estimatedSize / 1_000_000_000_000
            : price * DataGas(transaction) / 16_000_000;
    }

    /// <summary>The operator fee in wei for an amount of gas; zero before Isthmus.</summary>
    public UInt256 OperatorFee(ulong gas)
    {
        if (_fork < OpFork.Isthmus) return UInt256.Zero;
        Load();
        UInt256 scaled = (UInt256)gas * _prices.OperatorScalar;
        return (_fork >= OpFork.Jovian ? scaled * 100 : scaled / 1_000_000) + _prices.OperatorConstant;
    }

    /// <summary>In its first block, Ecotone's prices are not set yet.</summary>
    private bool IsFirstOfEcotone =>
        _prices.BaseFeeScalar == 0 && _prices.BlobBaseFeeScalar == 0 && _prices.BlobBaseFee.IsZero;

    private UInt256 BedrockFee(Transaction transaction) =>
        (DataGas(transaction) + _prices.Overhead) * _prices.BaseFee * _prices.BedrockScalar / SizeScale;

    /// <summary>Four for a zero byte, sixteen for another.</summary>
    private static UInt256 DataGas(Transaction transaction)
    {
        ReadOnlySpan<byte> raw = transaction.Raw.Span;
        return (ulong)raw.Length * 16 - (ulong)raw.Count((byte)0) * 12;
    }

    /// <summary>Reads the prices if they may have changed.</summary>
    public void Load()
    {
        if (_prices.IsLoaded) return;
        _prices.BaseFee = Read(BaseFeeSlot);
        if (_fork >= OpFork.Ecotone)
        {
            UInt256 scalars = Read(ScalarsSlot);
            _prices.BaseFeeScalar = (uint)(scalars.U1 >> 32);
            _prices.BlobBaseFeeScalar = (uint)scalars.U1;
            _prices.BlobBaseFee = Read(BlobBaseFeeSlot);
        }

        if (_fork < OpFork.Ecotone || IsFirstOfEcotone)
        {
            _prices.Overhead = Read(OverheadSlot);
            _prices.BedrockScalar = Read(BedrockScalarSlot);
        }

        if (_fork >= OpFork.Isthmus)
        {
            UInt256 operatorSlot = Read(OperatorSlot);
            _prices.OperatorConstant = operatorSlot.U0;
            _prices.OperatorScalar = (uint)operatorSlot.U1;
            _prices.FootprintScalar = (ushort)(operatorSlot.U1 >> 32);
        }

        _prices.IsLoaded = true;
    }

    private UInt256 Read(in UInt256 slot) => state.ReadUnrecorded(OpAddresses.L1Block, slot);
}
