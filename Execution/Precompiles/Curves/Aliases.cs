// Names for the instances of the generic fields, groups and pairings.
global using BnField = Fragcast.Execution.Precompiles.Curves.Mont256<
    Fragcast.Execution.Precompiles.Curves.Bn254Modulus>;
global using BnField2 = Fragcast.Execution.Precompiles.Curves.Fp2<
    Fragcast.Execution.Precompiles.Curves.Mont256<Fragcast.Execution.Precompiles.Curves.Bn254Modulus>>;
global using BnField12 = Fragcast.Execution.Precompiles.Curves.Fp12<
    Fragcast.Execution.Precompiles.Curves.Mont256<Fragcast.Execution.Precompiles.Curves.Bn254Modulus>,
    Fragcast.Execution.Precompiles.Curves.Bn254Tower>;
global using BnG1 = Fragcast.Execution.Precompiles.Curves.AffinePoint<
    Fragcast.Execution.Precompiles.Curves.Mont256<Fragcast.Execution.Precompiles.Curves.Bn254Modulus>,
    Fragcast.Execution.Precompiles.Curves.Bn254G1>;
global using BnG2 = Fragcast.Execution.Precompiles.Curves.AffinePoint<
    Fragcast.Execution.Precompiles.Curves.Fp2<
        Fragcast.Execution.Precompiles.Curves.Mont256<Fragcast.Execution.Precompiles.Curves.Bn254Modulus>>,
    Fragcast.Execution.Precompiles.Curves.Bn254G2>;
global using BnG2Jacobian = Fragcast.Execution.Precompiles.Curves.JacobianPoint<
    Fragcast.Execution.Precompiles.Curves.Fp2<
        Fragcast.Execution.Precompiles.Curves.Mont256<Fragcast.Execution.Precompiles.Curves.Bn254Modulus>>,
    Fragcast.Execution.Precompiles.Curves.Bn254G2>;
global using BnPairing = Fragcast.Execution.Precompiles.Curves.Pairing<
    Fragcast.Execution.Precompiles.Curves.Mont256<Fragcast.Execution.Precompiles.Curves.Bn254Modulus>,
    Fragcast.Execution.Precompiles.Curves.Bn254Tower,
    Fragcast.Execution.Precompiles.Curves.Bn254Pairing,
    Fragcast.Execution.Precompiles.Curves.Lanes.BnLaneShape>;
global using BlsField2 = Fragcast.Execution.Precompiles.Curves.Fp2<
    Fragcast.Execution.Precompiles.Curves.BlsField>;
global using BlsField12 = Fragcast.Execution.Precompiles.Curves.Fp12<
    Fragcast.Execution.Precompiles.Curves.BlsField, Fragcast.Execution.Precompiles.Curves.BlsTower>;
global using BlsG1 = Fragcast.Execution.Precompiles.Curves.AffinePoint<
    Fragcast.Execution.Precompiles.Curves.BlsField, Fragcast.Execution.Precompiles.Curves.BlsG1Curve>;
global using BlsG1Jacobian = Fragcast.Execution.Precompiles.Curves.JacobianPoint<
    Fragcast.Execution.Precompiles.Curves.BlsField, Fragcast.Execution.Precompiles.Curves.BlsG1Curve>;
global using BlsG2 = Fragcast.Execution.Precompiles.Curves.AffinePoint<
    Fragcast.Execution.Precompiles.Curves.Fp2<Fragcast.Execution.Precompiles.Curves.BlsField>,
    Fragcast.Execution.Precompiles.Curves.BlsG2Curve>;
global using BlsG2Jacobian = Fragcast.Execution.Precompiles.Curves.JacobianPoint<
    Fragcast.Execution.Precompiles.Curves.Fp2<Fragcast.Execution.Precompiles.Curves.BlsField>,
    Fragcast.Execution.Precompiles.Curves.BlsG2Curve>;
global using BlsPairing = Fragcast.Execution.Precompiles.Curves.Pairing<
    Fragcast.Execution.Precompiles.Curves.BlsField,
    Fragcast.Execution.Precompiles.Curves.BlsTower,
    Fragcast.Execution.Precompiles.Curves.BlsPairingCurve,
    Fragcast.Execution.Precompiles.Curves.Lanes.BlsLaneShape>;
global using P256Scalar = Fragcast.Execution.Precompiles.Curves.Mont256<
    Fragcast.Execution.Precompiles.Curves.P256GroupModulus>;
