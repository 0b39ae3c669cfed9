using Fragcast.Execution.State;

namespace Fragcast.Execution.Evm;

/// <summary>
/// Executes messages on a <see cref="JournaledState"/>. Holds the stack, the memories and the frames that every execution
/// reuses; one machine belongs to one thread.
/// </summary>
/// <param name="state">The state that is read and changed.</param>
public sealed class EvmMachine(JournaledState state)
{
    /// <summary>The state that is read and changed.</summary>
    public JournaledState State { get; } = state;

    /// <summary>
    /// Executes an outermost message. Transfers the value; on failure takes back all changes of the message. Warming of
    /// addresses (EIP-2929, EIP-2930, EIP-3651) and the fees are the caller's part, but precompiles count as warm, and a
    /// delegation of the recipient (EIP-7702) is followed.
    /// </summary>
    /// <exception cref="StateUnavailableException">
    /// A partial state lacks something; the caller aborts the transaction.
    /// </exception>
    public ExecutionResult Execute(in Message message, BlockContext block, in TxContext transaction) =>
        throw new NotSupportedException("The interpreter is not part of this build.");
}
