using Fragcast.Execution.Evm.Decoding;
using Fragcast.Execution.Precompiles;
using Fragcast.Execution.State;
using Fragcast.Primitives;

namespace Fragcast.Execution.Evm;

/// <summary>
/// Executes messages on a <see cref="JournaledState"/>. Holds the stack, the memories and the frames that every
/// execution reuses; one machine belongs to one thread. The machine enters and leaves frames; what runs a frame's code
/// in between is a tier (see <see cref="ExecutionTier"/>).
/// </summary>
public sealed unsafe class EvmMachine
{
    /// <summary>Frames that may be below another one.</summary>
    internal const int DepthMax = 1024;

    // Every frame's stack at its limit, the word below the first, and above the highest what decoded code uses beyond
    // its stack. Pages that no stack reaches are never touched.
    private const int StackWords = ((DepthMax + 2) * InstructionTable.StackLimit) + 1;

    private readonly UInt256[] _stack = GC.AllocateUninitializedArray<UInt256>(StackWords, pinned: true);
    private readonly Frame?[] _frames = new Frame?[DepthMax + 1];
    private byte[] _output = [];
    private TxContext _transaction;
    private int _deepest;

    /// <summary>What MULMOD knows of the modulus that it is used with.</summary>
    internal RecurringModulus Modulus;

    /// <summary>A machine on the given state.</summary>
    public EvmMachine(JournaledState state)
    {
        State = state;
        Current = FrameAt(0);
        Block = NoBlock;
        Spec = Block.Spec;
    }

    /// <summary>The state that is read and changed.</summary>
    public JournaledState State { get; }

    /// <summary>How code is run; may be changed between executions.</summary>
    public ExecutionTier Tier { get; set; }

    internal EvmSpec Spec { get; private set; }

    internal BlockContext Block { get; private set; }

    internal ref readonly TxContext Transaction => ref _transaction;

    /// <summary>The frame that runs.</summary>
    internal Frame Current { get; set; }

    /// <summary>Buffers for the memories of frames.</summary>
    internal FrameMemory Memories { get; } = new();

    /// <summary>Output of the last precompile that a frame called.</summary>
    internal PrecompileOutput PrecompileOutput { get; } = new();

    /// <summary>Hashes of 64 bytes that were asked for before.</summary>
    internal HashCache Hashes { get; } = new();

    /// <summary>Decodes code for this machine, and keeps it.</summary>
    internal Decoder Decoder { get; } = new();

    private static BlockContext NoBlock { get; } = new() { Spec = EvmSpec.For(Fork.Frontier) };

    /// <summary>
    /// Executes an outermost message. Transfers the value; on failure takes back all changes of the message. Warming of
    /// addresses (EIP-2929, EIP-2930, EIP-3651) and the fees are the caller's part, but precompiles count as warm, the
    /// address of a contract to create is warmed, and a delegation of the recipient (EIP-7702) is followed and warmed.
    /// </summary>
    /// <exception cref="StateUnavailableException">
    /// A partial state lacks something; the caller aborts the transaction.
    /// </exception>
    public ExecutionResult Execute(in Message message, BlockContext block, in TxContext transaction)
    {
        var none = default(NoTracer);
        return Execute(message, block, transaction, ref none);
    }

    /// <summary>As <see cref="Execute(in Message, BlockContext, in TxContext)"/>, reporting each step.</summary>
    public ExecutionResult Execute<TTracer>(
        in Message message, BlockContext block, in TxContext transaction, ref TTracer tracer)
        where TTracer : struct, ITracer
    {
        Block = block;
        Spec = block.Spec;
        Decoder.Trim();
        _transaction = transaction;
        fixed (byte* input = message.Input)
        {
            var frame = Current = FrameAt(0);
            frame.IsStatic = false;
            frame.Input = input;
            frame.InputLength = message.Input.Length;
            frame.Start(StackFloor);
            if (Entry.Start(frame, message) == FrameExit.Entered)
            {
                Run(ref tracer);
            }

            var result = new ExecutionResult(frame.Status, frame.Gas, TakeOutput(frame));
            ReleaseFrames();
            return result;
        }
    }

    /// <summary>The pooled frame of a depth, to be entered.</summary>
    internal Frame FrameAt(int depth)
    {
        _deepest = Math.Max(_deepest, depth);
        return _frames[depth] ??= new Frame(this, depth);
    }

    /// <summary>
    /// Handle of an account that an instruction names, after charging for a cold access (EIP-2929); the warm price is
    /// in the instruction's own. Gas becomes negative when it does not suffice.
    /// </summary>
    internal int Access(in Address address, ref long gas) =>
        Access(address, Spec.ColdAccountGas - Spec.WarmAccountGas, 0, ref gas);

    /// <summary>As <see cref="Access(in Address, ref long)"/> for SELFDESTRUCT, which has no warm price.</summary>
    internal int AccessBeneficiary(in Address address, ref long gas) =>
        Access(address, Spec.ColdAccountGas, 0, ref gas);

    /// <summary>As <see cref="Access(in Address, ref long)"/> for the target of a delegation (EIP-7702).</summary>
    internal int AccessDelegate(in Address address, ref long gas) =>
        Access(address, Spec.ColdAccountGas, Spec.WarmAccountGas, ref gas);

    /// <summary>
    /// Moves value between accounts. A value of zero touches the receiver (EIP-161), or before that rule creates it.
    /// </summary>
    internal void Transfer(int from, int to, in UInt256 value)
    {
        if (value.IsZero)
        {
            if (!Spec.ClearsEmpty || State.Exists(to))
            {
                State.Touch(to);
            }

            return;
        }

        State.SubBalance(from, value);
        State.AddBalance(to, value);
    }

    private UInt256* StackFloor
    {
        get
        {
            fixed (UInt256* floor = _stack)
            {
                // The array lives on the pinned object heap and as long as the machine.
                return floor;
            }
        }
    }

    private void Run<TTracer>(ref TTracer tracer)
        where TTracer : struct, ITracer
    {
        while (true)
        {
            var caller = Current;
            if (Tiers.Run(caller, ref tracer) != FrameExit.Ended)
            {
                if (TTracer.IsEnabled)
                {
                    tracer.OnFrameStart(caller.Gas);
                }

                continue;
            }

            var ended = Current;
            if (TTracer.IsEnabled)
            {
                tracer.OnFrameEnd(ended.Status, ended.Gas);
            }

            Creations.Finish(ended);
            if (ended.Status != ExecutionStatus.Success)
            {
                State.RevertTo(ended.Checkpoint);
            }

            if (ended.Depth == 0)
            {
                return;
            }

            Current = _frames[ended.Depth - 1]!;
            Calls.Deliver(ended, Current);
        }
    }

    private int Access(in Address address, long coldGas, long warmGas, ref long gas)
    {
        if (!Spec.HasAccessLists)
        {
            return State.Account(address);
        }

        // Without gas for a cold account, one that is not known to be warm is not asked for: a partial state lacks it.
        if (gas < coldGas && !State.IsWarm(address) && !Spec.Precompiles.Contains(address))
        {
            gas = Fault.OutOfGas;
            return -1;
        }

        var account = State.Account(address);
        gas -= State.WarmAccount(account) && !Spec.Precompiles.Contains(address) ? coldGas : warmGas;
        return account;
    }

    private ReadOnlyMemory<byte> TakeOutput(Frame frame)
    {
        var length = frame.OutputLength;
        if (length == 0)
        {
            return default;
        }

        if (_output.Length < length)
        {
            _output = GC.AllocateUninitializedArray<byte>(Math.Max(length, _output.Length * 2));
        }

        new ReadOnlySpan<byte>(frame.Output, length).CopyTo(_output);
        return _output.AsMemory(0, length);
    }

    private void ReleaseFrames()
    {
        for (; _deepest > 0; _deepest--)
        {
            _frames[_deepest]!.Release();
        }

        _frames[0]!.Release();
    }
}
