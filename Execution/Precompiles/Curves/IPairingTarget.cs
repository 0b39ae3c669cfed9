namespace Fragcast.Execution.Precompiles.Curves;

/// <summary>
/// Arithmetic in Fp12 as a pairing needs it. Results may be the same variable as an operand.
/// </summary>
internal interface IPairingTarget<TSelf, TField, TTower>
    where TSelf : unmanaged, IPairingTarget<TSelf, TField, TTower>
    where TField : unmanaged, IPrimeField<TField>
    where TTower : unmanaged, ITower<TField>
{
    /// <summary>The same element in this form.</summary>
    static abstract void From(in Fp12<TField, TTower> a, out TSelf r);

    /// <summary>The same element in the usual form.</summary>
    static abstract void To(in TSelf a, out Fp12<TField, TTower> r);

    /// <summary>r = a · b.</summary>
    static abstract void Multiply(in TSelf a, in TSelf b, out TSelf r);

    /// <summary>r = a².</summary>
    static abstract void Square(in TSelf a, out TSelf r);

    /// <summary>r = a² for a of the cyclotomic subgroup.</summary>
    static abstract void CyclotomicSquare(in TSelf a, out TSelf r);

    /// <summary>r = c0 − c1·w: the inverse, for an element of the cyclotomic subgroup.</summary>
    static abstract void Conjugate(in TSelf a, out TSelf r);

    /// <summary>r = a^p.</summary>
    static abstract void Frobenius(in TSelf a, out TSelf r);

    /// <summary>
    /// r = a · (b0 + b3·w + b4·v·w), a line on a divisive twist, perhaps times an element of the prime field, which
    /// a pairing does not see.
    /// </summary>
    static abstract void MultiplyBy034(
        in TSelf a, in Fp2<TField> b0, in Fp2<TField> b3, in Fp2<TField> b4, out TSelf r);

    /// <summary>
    /// r = a · (b0 + b1·v + b4·v·w), a line on a multiplicative twist, perhaps times an element of the prime field,
    /// which a pairing does not see.
    /// </summary>
    static abstract void MultiplyBy014(
        in TSelf a, in Fp2<TField> b0, in Fp2<TField> b1, in Fp2<TField> b4, out TSelf r);
}
