namespace Fragcast.Execution.Evm;

/// <summary>
/// How a machine runs code. All tiers give the same results, to the last gas. Only the <see cref="ExecutionStatus"/> of
/// a frame that fails for two reasons within one block of its code may be either: no rule depends on which, and traces
/// (EIP-3155) always come from the interpreter.
/// </summary>
public enum ExecutionTier
{
    /// <summary>
    /// By how often a code ran: at first byte by byte, then decoded, and what is hot by machine code that another
    /// thread compiled meanwhile.
    /// </summary>
    Auto,

    /// <summary>Byte by byte, without preparation. Traced executions and init code always run so.</summary>
    Interpreter,

    /// <summary>By a stream of prepared operations, made of a code before it runs for the first time.</summary>
    Decoded,

    /// <summary>
    /// By machine code only, compiled at once where control first comes: for tests. As <see cref="Decoded"/> where the
    /// runtime can't make code.
    /// </summary>
    Compiled,
}
