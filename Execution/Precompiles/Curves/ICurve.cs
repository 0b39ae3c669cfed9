namespace Fragcast.Execution.Precompiles.Curves;

/// <summary>A curve y² = x³ + b.</summary>
internal interface ICurve<TField>
    where TField : unmanaged, IField<TField>
{
    /// <summary>b.</summary>
    static abstract TField B { get; }
}
