namespace Fragcast.Primitives.Messages;

/// <summary>The fields of a frag beside its transactions.</summary>
/// <param name="BlockNumber">The block the frag belongs to.</param>
/// <param name="Seq">The frag's place in the block, from 0.</param>
/// <param name="IsLast">Whether no frag of this block follows.</param>
/// <param name="BlobGasUsed">Blob gas used; 0 and not sent in revision <see cref="MessageRevision.V0"/>.</param>
public readonly record struct FragHeader(ulong BlockNumber, ulong Seq, bool IsLast, ulong BlobGasUsed = 0);
