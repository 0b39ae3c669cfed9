namespace Fragcast.Execution.Evm;

/// <summary>How a machine runs code. All tiers give the same results, to the last gas.</summary>
public enum ExecutionTier
{
    /// <summary>The machine chooses by code and by how often it ran.</summary>
    Auto,

    /// <summary>Byte by byte, without preparation. Traced executions and init code always run so.</summary>
    Interpreter,

    /// <summary>By a stream of prepared operations, made of a code before it runs for the first time.</summary>
    Decoded,

    /// <summary>By machine code where a code was compiled already, else as <see cref="Auto"/>.</summary>
    Compiled,
}
