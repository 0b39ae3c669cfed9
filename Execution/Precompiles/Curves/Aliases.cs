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
global using BnPairing = Fragcast.Execution.Precompiles.Curves.Pairing<
    Fragcast.Execution.Precompiles.Curves.Mont256<Fragcast.Execution.Precompiles.Curves.Bn254Modulus>,
    Fragcast.Execution.Precompiles.Curves.Bn254Tower,
    Fragcast.Execution.Precompiles.Curves.Bn254Pairing>;
