using Fragcast.Execution.Evm;
using Fragcast.Primitives;

namespace Fragcast.Execution.Tests.Evm;

/// <summary>
/// Random code that mostly makes sense: blocks that begin at jump destinations with a few words on the stack, jump to
/// each other by constants or by words that were pushed long before, loop, touch memory, storage and other contracts.
/// Some of it is nonsense on purpose.
/// </summary>
internal sealed class RandomCode(Random random)
{
    private const int HeightAtBlocks = 4;

    private static readonly Opcode[] Producers =
    [
        Opcode.Push0, Opcode.Pc, Opcode.Gas, Opcode.MSize, Opcode.Caller, Opcode.CallValue, Opcode.CallDataSize,
        Opcode.ReturnDataSize, Opcode.Address, Opcode.SelfBalance, Opcode.Number, Opcode.CodeSize,
    ];

    private static readonly Opcode[] Unary =
    [
        Opcode.IsZero, Opcode.IsZero, Opcode.Not, Opcode.SLoad, Opcode.CallDataLoad, Opcode.TLoad, Opcode.Balance,
        Opcode.BlockHash, Opcode.ExtCodeSize,
    ];

    private static readonly Opcode[] Binary =
    [
        Opcode.Add, Opcode.Sub, Opcode.Mul, Opcode.Div, Opcode.SDiv, Opcode.Mod, Opcode.SMod, Opcode.Exp, Opcode.Lt,
        Opcode.Gt, Opcode.SLt, Opcode.SGt, Opcode.Eq, Opcode.And, Opcode.Or, Opcode.Xor, Opcode.Byte, Opcode.Shl,
        Opcode.Shr, Opcode.Sar, Opcode.SignExtend,
    ];

    private readonly List<byte> _bytes = [];
    private readonly List<(int At, int Block)> _uses = [];
    private readonly List<int> _functionUses = [];
    private readonly List<int> _labels = [];
    private int _height;

    /// <summary>Makes a code.</summary>
    public byte[] Next()
    {
        _bytes.Clear();
        _uses.Clear();
        _functionUses.Clear();
        _labels.Clear();
        var blocks = random.Next(1, 12);
        for (var i = 0; i < HeightAtBlocks; i++)
        {
            PushNumber();
        }

        for (var i = 0; i < blocks; i++)
        {
            _labels.Add(_bytes.Count);
            Add(Opcode.JumpDest);
            _height = HeightAtBlocks;
            for (var steps = random.Next(0, 25); steps > 0; steps--)
            {
                Step();
            }

            EndBlock();
        }

        Add(random.Next(4) == 0 ? (Opcode)random.Next(256) : Opcode.Stop);
        foreach (var (at, block) in _uses)
        {
            // Mostly forward, so that most code comes to an end.
            var first = random.Next(20) == 0 ? 0 : Math.Min(block + 1, _labels.Count - 1);
            Patch(at, _labels[random.Next(first, _labels.Count)] + (random.Next(200) == 0 ? 1 : 0));
        }

        AddFunctions();
        return [.. _bytes];
    }

    // Functions of one word that return one.
    private void AddFunctions()
    {
        var functions = new int[3];
        for (var i = 0; i < functions.Length; i++)
        {
            functions[i] = _bytes.Count;
            Add(Opcode.JumpDest);
            _height = 1;
            for (var steps = random.Next(8); steps > 0; steps--)
            {
                PushNumber();
                AddIf(2, Pick(Binary), -1);
                AddIf(1, Pick(Unary), 0);
            }

            Add(Opcode.Swap1);
            Add(Opcode.Jump);
        }

        foreach (var at in _functionUses)
        {
            Patch(at, Pick(functions));
        }
    }

    private void Patch(int at, int target) => (_bytes[at], _bytes[at + 1]) = ((byte)(target >> 8), (byte)target);

    private void Step()
    {
        switch (random.Next(26))
        {
            case < 4: PushNumber(); break;
            case 4: AddIf(0, Pick(Producers), 1); break;
            case 5 or 6: AddIf(1, Pick(Unary), 0); break;
            case < 11: AddIf(2, Pick(Binary), -1); break;
            case 11 or 12: Copy(); break;
            case 13 or 14: Exchange(); break;
            case 15: AddIf(1, Opcode.Pop, -1); break;
            case 16: PushSmall(); Add(Opcode.MLoad); break;
            case 17: if (_height > 0) { PushSmall(); Add(Opcode.MStore); _height -= 2; } break;
            case 18: if (_height > 0) { PushSmall(); Add(Opcode.SStore); _height -= 2; } break;
            case 19: PushRange(); Add(Opcode.Keccak256); _height--; break;
            case 20: if (_height > 0) { PushRange(); Add((Opcode)0xA1); _height -= 3; } break;
            case 21 or 22: SideExit(); break;
            case 23: InnerCall(); break;
            case 24: Call(); break;
            default: Odd(); break;
        }
    }

    private void Odd()
    {
        switch (random.Next(8))
        {
            case 0: if (random.Next(8) == 0) Add((Opcode)random.Next(256)); break;
            case 1: PushSmall(); PushRange(); Add(Opcode.CallDataCopy); _height -= 3; break;
            case 2: PushSmall(); PushRange(); Add(Opcode.CodeCopy); _height -= 3; break;
            case 3: PushSmall(); PushRange(); Add(Opcode.MCopy); _height -= 3; break;
            case 4: AddIf(3, Opcode.AddMod, -2); break;
            case 5: AddIf(3, Opcode.MulMod, -2); break;
            case 6: if (_height > 0) { PushSmall(); Add(Opcode.TStore); _height -= 2; } break;
            default: AddIf(2, Opcode.MStore8, -2); break;
        }
    }

    private void EndBlock()
    {
        SetHeight(HeightAtBlocks);
        switch (random.Next(12))
        {
            case < 4: PushLabel(); Add(Opcode.Jump); break;
            case < 7: SideExit(); break;
            case 7: PushRange(); Add(Opcode.Return); break;
            case 8: PushRange(); Add(Opcode.Revert); break;
            case 9: Add(random.Next(4) == 0 ? Opcode.SelfDestruct : Opcode.Stop); break;
            case 10: Add(random.Next(4) == 0 ? Opcode.Jump : Opcode.Stop); break;
            default: break;
        }
    }

    // Pops or pushes below the top, which stays.
    private void SetHeight(int height)
    {
        for (; _height > height; _height--)
        {
            Add(Opcode.Swap1);
            Add(Opcode.Pop);
        }

        while (_height < height)
        {
            PushNumber();
        }
    }

    private void SideExit()
    {
        if (_height == 0)
        {
            PushNumber();
        }

        if (random.Next(3) == 0 && _height > 1)
        {
            Add(Pick([Opcode.Lt, Opcode.Gt, Opcode.Eq, Opcode.Sub, Opcode.SLt]));
            _height--;
        }

        for (var i = random.Next(3); i > 0; i--)
        {
            Add(Opcode.IsZero);
        }

        if (random.Next(8) != 0)
        {
            SetHeight(HeightAtBlocks + 1);
        }

        PushLabel();
        Add(Opcode.JumpI);
        _height -= 2;
    }

    // As Solidity calls a function: the place to return to, an argument, the function's place.
    private void InnerCall()
    {
        var returnAt = _bytes.Count + 1;
        _bytes.AddRange([0x61, 0, 0]);
        PushNumber();
        _functionUses.Add(_bytes.Count + 1);
        _bytes.AddRange([0x61, 0, 0]);
        Add(Opcode.Jump);
        Patch(returnAt, _bytes.Count);
        Add(Opcode.JumpDest);
    }

    private void Call()
    {
        var isCreate = random.Next(8) == 0;
        if (isCreate)
        {
            PushRange();
            PushSmall();
            Add(Opcode.Create);
            _height -= 2;
            return;
        }

        var op = Pick([Opcode.Call, Opcode.StaticCall, Opcode.DelegateCall, Opcode.CallCode]);
        PushRange();
        PushRange();
        if (op is Opcode.Call or Opcode.CallCode)
        {
            Add(Opcode.Push0);
            _height++;
        }

        Push(random.Next(5) == 0 ? (UInt256)random.Next(1, 18) : Pick(
            [EvmFixture.Other.ToUInt256(), EvmFixture.Contract.ToUInt256()]));
        Push(random.Next(40_000));
        Add(op);
        _height -= op is Opcode.Call or Opcode.CallCode ? 6 : 5;
    }

    private void Copy()
    {
        if (_height > 0)
        {
            Add((Opcode)((int)Opcode.Dup1 + random.Next(Math.Min(_height, 16))));
            _height++;
        }
    }

    private void Exchange()
    {
        if (_height > 1)
        {
            Add((Opcode)((int)Opcode.Swap1 + random.Next(Math.Min(_height - 1, 16))));
        }
    }

    private void AddIf(int needed, Opcode op, int growth)
    {
        if (_height >= needed)
        {
            Add(op);
            _height += growth;
        }
    }

    private void PushLabel()
    {
        _uses.Add((_bytes.Count + 1, _labels.Count - 1));
        _bytes.AddRange([0x61, 0, 0]);
        _height++;
    }

    private void PushRange()
    {
        Push(random.Next(3) == 0 ? random.Next(200) : 64);
        PushSmall();
    }

    private void PushSmall() => Push(random.Next(200) == 0 ? 1 << random.Next(31) : random.Next(6) * 32);

    private void PushNumber() => Push(random.Next(6) switch
    {
        0 => 0,
        1 => (UInt256)random.Next(4),
        2 => (UInt256)(ulong)random.NextInt64(),
        3 => UInt256.MaxValue >> random.Next(256),
        4 => UInt256.One << random.Next(256),
        _ => (UInt256)random.Next(300),
    });

    private void Push(UInt256 value)
    {
        _bytes.AddRange(new Code().Push(value).Bytes);
        _height++;
    }

    private T Pick<T>(T[] choices) => choices[random.Next(choices.Length)];

    private void Add(Opcode op) => _bytes.Add((byte)op);
}
