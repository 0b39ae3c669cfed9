using System.Diagnostics;

namespace Fragcast.Execution.Evm;

/// <summary>
/// The instruction set of a fork. <see cref="Rows"/> and <see cref="GasChanges"/> are the whole definition: adding an
/// instruction is a row and a body, repricing one is a line.
/// </summary>
internal sealed unsafe class InstructionTable
{
    /// <summary>Words a stack may hold.</summary>
    public const int StackLimit = 1024;

    /// <summary>Bytes of a stack word.</summary>
    public const int WordSize = 32;

    /// <summary>Gas and stack checks by opcode; pinned for the table's lifetime, as the following are.</summary>
    public readonly InstructionCheck* Checks;

    /// <summary>Bodies by opcode, as function pointers; zero where the loop has the instruction.</summary>
    public readonly nint* Bodies;

    /// <summary>By how many words each instruction lifts the top of the stack.</summary>
    public readonly sbyte* Growth;

    private readonly string?[] _names = new string?[256];
    private readonly InstructionCheck[] _checks = GC.AllocateArray<InstructionCheck>(256, pinned: true);
    private readonly nint[] _bodies = GC.AllocateArray<nint>(256, pinned: true);
    private readonly sbyte[] _growth = GC.AllocateArray<sbyte>(256, pinned: true);

    public InstructionTable(Fork fork)
    {
        Checks = Pinned(_checks);
        Bodies = Pinned(_bodies);
        Growth = Pinned(_growth);
        Array.Fill(_checks, new InstructionCheck(0, ushort.MaxValue, 0));
        foreach (var row in Rows)
        {
            if (row.Since <= fork)
            {
                Set(row);
            }
        }

        AddRange(Opcode.Push1, 32, "PUSH", static i => (0, 1));
        AddRange(Opcode.Dup1, 16, "DUP", static i => (i, i + 1));
        AddRange(Opcode.Swap1, 16, "SWAP", static i => (i + 1, i + 1));
        foreach (var (code, since, gas) in GasChanges)
        {
            if (since <= fork && Exists(code))
            {
                ref var check = ref _checks[(int)code];
                check = new InstructionCheck(gas, check.StackInBytes, check.StackSpan);
            }
        }
    }

    private static ReadOnlySpan<(Opcode Code, Fork Since, ushort Gas)> GasChanges => new[]
    {
        // EIP-150
        (Opcode.ExtCodeSize, Fork.TangerineWhistle, (ushort)700),
        (Opcode.ExtCodeCopy, Fork.TangerineWhistle, (ushort)700),
        (Opcode.Balance, Fork.TangerineWhistle, (ushort)400),
        (Opcode.SLoad, Fork.TangerineWhistle, (ushort)200),
        (Opcode.Call, Fork.TangerineWhistle, (ushort)700),
        (Opcode.CallCode, Fork.TangerineWhistle, (ushort)700),
        (Opcode.DelegateCall, Fork.TangerineWhistle, (ushort)700),
        (Opcode.SelfDestruct, Fork.TangerineWhistle, (ushort)5000),

        // EIP-1884
        (Opcode.SLoad, Fork.Istanbul, (ushort)800),
        (Opcode.Balance, Fork.Istanbul, (ushort)700),
        (Opcode.ExtCodeHash, Fork.Istanbul, (ushort)700),

        // EIP-2929: the warm price; bodies add what a cold access costs more.
        (Opcode.SLoad, Fork.Berlin, (ushort)100),
        (Opcode.Balance, Fork.Berlin, (ushort)100),
        (Opcode.ExtCodeHash, Fork.Berlin, (ushort)100),
        (Opcode.ExtCodeSize, Fork.Berlin, (ushort)100),
        (Opcode.ExtCodeCopy, Fork.Berlin, (ushort)100),
        (Opcode.Call, Fork.Berlin, (ushort)100),
        (Opcode.CallCode, Fork.Berlin, (ushort)100),
        (Opcode.DelegateCall, Fork.Berlin, (ushort)100),
        (Opcode.StaticCall, Fork.Berlin, (ushort)100),
    };

    private static readonly Instruction[] Rows =
    [
        new(Opcode.Stop, "STOP", 0, 0, 0, Fork.Frontier, null),
        new(Opcode.Add, "ADD", 3, 2, 1, Fork.Frontier, null),
        new(Opcode.Mul, "MUL", 5, 2, 1, Fork.Frontier, null),
        new(Opcode.Sub, "SUB", 3, 2, 1, Fork.Frontier, null),
        new(Opcode.Div, "DIV", 5, 2, 1, Fork.Frontier, &ArithmeticOps.Div),
        new(Opcode.SDiv, "SDIV", 5, 2, 1, Fork.Frontier, &ArithmeticOps.SDiv),
        new(Opcode.Mod, "MOD", 5, 2, 1, Fork.Frontier, &ArithmeticOps.Mod),
        new(Opcode.SMod, "SMOD", 5, 2, 1, Fork.Frontier, &ArithmeticOps.SMod),
        new(Opcode.AddMod, "ADDMOD", 8, 3, 1, Fork.Frontier, &ArithmeticOps.AddMod),
        new(Opcode.MulMod, "MULMOD", 8, 3, 1, Fork.Frontier, &ArithmeticOps.MulMod),
        new(Opcode.Exp, "EXP", 10, 2, 1, Fork.Frontier, &ArithmeticOps.Exp),
        new(Opcode.SignExtend, "SIGNEXTEND", 5, 2, 1, Fork.Frontier, &ArithmeticOps.SignExtend),
        new(Opcode.Lt, "LT", 3, 2, 1, Fork.Frontier, null),
        new(Opcode.Gt, "GT", 3, 2, 1, Fork.Frontier, null),
        new(Opcode.SLt, "SLT", 3, 2, 1, Fork.Frontier, null),
        new(Opcode.SGt, "SGT", 3, 2, 1, Fork.Frontier, null),
        new(Opcode.Eq, "EQ", 3, 2, 1, Fork.Frontier, null),
        new(Opcode.IsZero, "ISZERO", 3, 1, 1, Fork.Frontier, null),
        new(Opcode.And, "AND", 3, 2, 1, Fork.Frontier, null),
        new(Opcode.Or, "OR", 3, 2, 1, Fork.Frontier, null),
        new(Opcode.Xor, "XOR", 3, 2, 1, Fork.Frontier, null),
        new(Opcode.Not, "NOT", 3, 1, 1, Fork.Frontier, null),
        new(Opcode.Byte, "BYTE", 3, 2, 1, Fork.Frontier, &ArithmeticOps.Byte),
        new(Opcode.Shl, "SHL", 3, 2, 1, Fork.Constantinople, null),
        new(Opcode.Shr, "SHR", 3, 2, 1, Fork.Constantinople, null),
        new(Opcode.Sar, "SAR", 3, 2, 1, Fork.Constantinople, null),
        new(Opcode.Clz, "CLZ", 5, 1, 1, Fork.Osaka, &ArithmeticOps.Clz),
        new(Opcode.Keccak256, "KECCAK256", 30, 2, 1, Fork.Frontier, &MemoryOps.Keccak),
        new(Opcode.Address, "ADDRESS", 2, 0, 1, Fork.Frontier, &ContextOps.Address),
        new(Opcode.Balance, "BALANCE", 20, 1, 1, Fork.Frontier, &AccountOps.Balance),
        new(Opcode.Origin, "ORIGIN", 2, 0, 1, Fork.Frontier, &ContextOps.Origin),
        new(Opcode.Caller, "CALLER", 2, 0, 1, Fork.Frontier, &ContextOps.Caller),
        new(Opcode.CallValue, "CALLVALUE", 2, 0, 1, Fork.Frontier, &ContextOps.CallValue),
        new(Opcode.CallDataLoad, "CALLDATALOAD", 3, 1, 1, Fork.Frontier, &MemoryOps.CallDataLoad),
        new(Opcode.CallDataSize, "CALLDATASIZE", 2, 0, 1, Fork.Frontier, &ContextOps.CallDataSize),
        new(Opcode.CallDataCopy, "CALLDATACOPY", 3, 3, 0, Fork.Frontier, &MemoryOps.CallDataCopy),
        new(Opcode.CodeSize, "CODESIZE", 2, 0, 1, Fork.Frontier, &ContextOps.CodeSize),
        new(Opcode.CodeCopy, "CODECOPY", 3, 3, 0, Fork.Frontier, &MemoryOps.CodeCopy),
        new(Opcode.GasPrice, "GASPRICE", 2, 0, 1, Fork.Frontier, &ContextOps.GasPrice),
        new(Opcode.ExtCodeSize, "EXTCODESIZE", 20, 1, 1, Fork.Frontier, &AccountOps.ExtCodeSize),
        new(Opcode.ExtCodeCopy, "EXTCODECOPY", 20, 4, 0, Fork.Frontier, &AccountOps.ExtCodeCopy),
        new(Opcode.ReturnDataSize, "RETURNDATASIZE", 2, 0, 1, Fork.Byzantium, &ContextOps.ReturnDataSize),
        new(Opcode.ReturnDataCopy, "RETURNDATACOPY", 3, 3, 0, Fork.Byzantium, &MemoryOps.ReturnDataCopy),
        new(Opcode.ExtCodeHash, "EXTCODEHASH", 400, 1, 1, Fork.Constantinople, &AccountOps.ExtCodeHash),
        new(Opcode.BlockHash, "BLOCKHASH", 20, 1, 1, Fork.Frontier, &ContextOps.BlockHash),
        new(Opcode.Coinbase, "COINBASE", 2, 0, 1, Fork.Frontier, &ContextOps.Coinbase),
        new(Opcode.Timestamp, "TIMESTAMP", 2, 0, 1, Fork.Frontier, &ContextOps.Timestamp),
        new(Opcode.Number, "NUMBER", 2, 0, 1, Fork.Frontier, &ContextOps.Number),
        new(Opcode.PrevRandao, "PREVRANDAO", 2, 0, 1, Fork.Frontier, &ContextOps.PrevRandao),
        new(Opcode.GasLimit, "GASLIMIT", 2, 0, 1, Fork.Frontier, &ContextOps.GasLimit),
        new(Opcode.ChainId, "CHAINID", 2, 0, 1, Fork.Istanbul, &ContextOps.ChainId),
        new(Opcode.SelfBalance, "SELFBALANCE", 5, 0, 1, Fork.Istanbul, &AccountOps.SelfBalance),
        new(Opcode.BaseFee, "BASEFEE", 2, 0, 1, Fork.London, &ContextOps.BaseFee),
        new(Opcode.BlobHash, "BLOBHASH", 3, 1, 1, Fork.Cancun, &ContextOps.BlobHash),
        new(Opcode.BlobBaseFee, "BLOBBASEFEE", 2, 0, 1, Fork.Cancun, &ContextOps.BlobBaseFee),
        new(Opcode.Pop, "POP", 2, 1, 0, Fork.Frontier, null),
        new(Opcode.MLoad, "MLOAD", 3, 1, 1, Fork.Frontier, &MemoryOps.MLoad),
        new(Opcode.MStore, "MSTORE", 3, 2, 0, Fork.Frontier, &MemoryOps.MStore),
        new(Opcode.MStore8, "MSTORE8", 3, 2, 0, Fork.Frontier, &MemoryOps.MStore8),
        new(Opcode.SLoad, "SLOAD", 50, 1, 1, Fork.Frontier, &StorageOps.SLoad),
        new(Opcode.SStore, "SSTORE", 0, 2, 0, Fork.Frontier, &StorageOps.SStore),
        new(Opcode.Jump, "JUMP", 8, 1, 0, Fork.Frontier, null),
        new(Opcode.JumpI, "JUMPI", 10, 2, 0, Fork.Frontier, null),
        new(Opcode.Pc, "PC", 2, 0, 1, Fork.Frontier, null),
        new(Opcode.MSize, "MSIZE", 2, 0, 1, Fork.Frontier, &ContextOps.MSize),
        new(Opcode.Gas, "GAS", 2, 0, 1, Fork.Frontier, null),
        new(Opcode.JumpDest, "JUMPDEST", 1, 0, 0, Fork.Frontier, null),
        new(Opcode.TLoad, "TLOAD", 100, 1, 1, Fork.Cancun, &StorageOps.TLoad),
        new(Opcode.TStore, "TSTORE", 100, 2, 0, Fork.Cancun, &StorageOps.TStore),
        new(Opcode.MCopy, "MCOPY", 3, 3, 0, Fork.Cancun, &MemoryOps.MCopy),
        new(Opcode.Push0, "PUSH0", 2, 0, 1, Fork.Shanghai, null),
        new(Opcode.Log0, "LOG0", 375, 2, 0, Fork.Frontier, &MemoryOps.Log0),
        new((Opcode)0xA1, "LOG1", 750, 3, 0, Fork.Frontier, &MemoryOps.Log1),
        new((Opcode)0xA2, "LOG2", 1125, 4, 0, Fork.Frontier, &MemoryOps.Log2),
        new((Opcode)0xA3, "LOG3", 1500, 5, 0, Fork.Frontier, &MemoryOps.Log3),
        new(Opcode.Log4, "LOG4", 1875, 6, 0, Fork.Frontier, &MemoryOps.Log4),
        new(Opcode.Create, "CREATE", 32000, 3, 1, Fork.Frontier, null),
        new(Opcode.Call, "CALL", 40, 7, 1, Fork.Frontier, null),
        new(Opcode.CallCode, "CALLCODE", 40, 7, 1, Fork.Frontier, null),
        new(Opcode.Return, "RETURN", 0, 2, 0, Fork.Frontier, null),
        new(Opcode.DelegateCall, "DELEGATECALL", 40, 6, 1, Fork.Homestead, null),
        new(Opcode.Create2, "CREATE2", 32000, 4, 1, Fork.Constantinople, null),
        new(Opcode.StaticCall, "STATICCALL", 700, 6, 1, Fork.Byzantium, null),
        new(Opcode.Revert, "REVERT", 0, 2, 0, Fork.Byzantium, null),
        new(Opcode.SelfDestruct, "SELFDESTRUCT", 0, 1, 0, Fork.Frontier, null),
    ];

    /// <summary>Whether the fork has the instruction.</summary>
    public bool Exists(Opcode code) => _names[(int)code] is not null;

    /// <summary>Name of an instruction, or null if the fork does not have it.</summary>
    public string? NameOf(Opcode code) => _names[(int)code];

    // The arrays live on the pinned object heap and as long as the table.
    private static T* Pinned<T>(T[] array)
        where T : unmanaged
    {
        fixed (T* first = array)
        {
            return first;
        }
    }

    private void AddRange(Opcode first, int count, string name, Func<int, (int In, int Out)> stack)
    {
        for (var i = 0; i < count; i++)
        {
            var (stackIn, stackOut) = stack(i + 1);
            var code = (Opcode)((int)first + i);
            Set(new Instruction(
                code, $"{name}{i + 1}", 3, (byte)stackIn, (byte)stackOut, Fork.Frontier, null));
        }
    }

    private void Set(in Instruction row)
    {
        var index = (int)row.Code;
        Debug.Assert(_names[index] is null, "an opcode has one row");
        var growth = row.StackOut - row.StackIn;
        var room = StackLimit - row.StackIn - Math.Max(0, growth);
        _names[index] = row.Name;
        _checks[index] = new InstructionCheck(row.Gas, (ushort)(row.StackIn * WordSize), (uint)(room * WordSize));
        _bodies[index] = (nint)row.Body;
        _growth[index] = (sbyte)growth;
    }
}
