namespace Fragcast.Execution.Precompiles.Curves;

/// <summary>A curve y² = x³ + a·x + b with a = 0 or a = −3.</summary>
internal interface ICurve<TField>
    where TField : unmanaged, IField<TField>
{
    /// <summary>Whether a is −3; else it is 0.</summary>
    static abstract bool IsAMinusThree { get; }

    /// <summary>b.</summary>
    static abstract TField B { get; }
}
