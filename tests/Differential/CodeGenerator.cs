using Fragcast.Primitives;

namespace Fragcast.Differential;

/// <summary>
/// Writes code by chance: pieces that keep the stack mostly right, so that it runs far, and some that do not.
/// </summary>
internal sealed class CodeGenerator(Setup setup, Dice dice, World world)
{
    private const int DepthMax = 2;
    private const int SlotCount = 6;
    private const int StackMax = 900;

    private static readonly byte[] Unary = [0x15, 0x19, 0x1e, 0x35, 0x51, 0x54, 0x5c, 0x31, 0x3b, 0x3f, 0x40, 0x49];

    private static readonly byte[] Binary =
    [
        0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x0a, 0x0b, 0x10, 0x11, 0x12, 0x13, 0x14, 0x16, 0x17, 0x18, 0x1a,
        0x1b, 0x1c, 0x1d,
    ];

    private static readonly byte[] Environment =
    [
        0x30, 0x32, 0x33, 0x34, 0x36, 0x38, 0x3a, 0x3d, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x4a, 0x58,
        0x59, 0x5a,
    ];

    private readonly Assembly _code = new();
    private int _height;

    /// <summary>Code of a contract.</summary>
    /// <param name="depth">How many creations it is inside of.</param>
    public byte[] Contract(int depth = 0)
    {
        if (dice.Chance(2)) return dice.Bytes(dice.Between(1, 60));
        int pieces = dice.Between(2, 18);
        for (int i = 0; i < pieces; i++) Piece(depth);
        End();
        return _code.ToArray();
    }

    /// <summary>Init code: deploys something, or fails in one of the ways there are.</summary>
    public byte[] InitCode(int depth)
    {
        byte[] runtime = depth < DepthMax ? new CodeGenerator(setup, dice, world).Contract(depth + 1) : [0x33, 0xff];
        if (dice.Chance(40)) for (int i = dice.Between(1, 4); i > 0; i--) Piece(DepthMax);
        switch (dice.Below(14))
        {
            case 0:
                _code.Load(0, dice.Bytes(20)).Push(20).Push(0).Op(0xfd);
                break;
            case 1:
                _code.Op(0xfe);
                break;
            case 2:
                _code.Load(0, [0xef, .. dice.Bytes(dice.Below(4))]).Push(4).Push(0).Op(0xf3);
                break;
            case 3:
                _code.Push(24_576 + (ulong)dice.Below(2)).Push(0).Op(0xf3);
                break;
            case 4:
                _code.Push(world.AnyAddress(dice)).Op(0xff);
                break;
            case 5:
                _code.Op(0x00);
                break;
            default:
                _code.Load(0, runtime).Push((ulong)runtime.Length).Push(0).Op(0xf3);
                break;
        }

        return _code.ToArray();
    }

    private void Piece(int depth)
    {
        switch (dice.Below(24))
        {
            case < 6:
                Compute();
                break;
            case < 9:
                Store();
                break;
            case < 12:
                Memory();
                break;
            case 12:
                Log();
                break;
            case < 15:
                Copy();
                break;
            case < 18:
                Call();
                break;
            case 18:
                CallPrecompile();
                break;
            case 19 when depth < DepthMax:
                Create(depth);
                break;
            case 20:
                SkipAhead(depth);
                break;
            case 21:
                Loop();
                break;
            case 22:
                ReturnData();
                break;
            case 23 when dice.Chance(8):
                Break();
                break;
            default:
                Keep();
                break;
        }
    }

    private void Compute()
    {
        for (int i = dice.Between(1, 8); i > 0; i--)
        {
            switch (dice.Below(8))
            {
                case < 3:
                    Need(2);
                    _code.Op(dice.Pick(Binary));
                    _height--;
                    break;
                case 3:
                    Need(3);
                    _code.Op((byte)(dice.Chance(50) ? 0x08 : 0x09));
                    _height -= 2;
                    break;
                case 4:
                    OfOne();
                    break;
                case 5:
                    Push(dice.Pick(Environment));
                    break;
                case 6:
                    Need(1);
                    int copied = dice.Below(Math.Min(_height, 16));
                    Push((byte)(0x80 + copied));
                    break;
                default:
                    Need(2);
                    _code.Op((byte)(0x90 + dice.Below(Math.Min(_height - 1, 16))));
                    break;
            }
        }
    }

    /// <summary>An instruction of one operand, with an operand that suits it.</summary>
    private void OfOne()
    {
        byte opcode = dice.Pick(Unary);
        switch (opcode)
        {
            case 0x31 or 0x3b or 0x3f:
                PushAddress();
                break;
            case 0x40:
                PushValue(Recent());
                break;
            case 0x35 or 0x51 or 0x54 or 0x5c or 0x49:
                PushValue((ulong)dice.Below(opcode == 0x51 ? 200 : SlotCount));
                break;
            default:
                Need(1);
                break;
        }

        // CLZ came with Osaka: before, it ends the frame, which is worth seeing only sometimes.
        if (opcode == 0x1e && setup.Name != "osaka" && !dice.Chance(5)) opcode = 0x19;
        _code.Op(opcode);
    }

    private ulong Recent() => dice.Chance(70) ? (ulong)dice.Below(60) : (ulong)dice.Below(1_000);

    private void Store()
    {
        PushValue(dice.Below(4) switch { 0 => 0, 1 => 1, 2 => (ulong)dice.Below(4), _ => dice.Word() });
        if (dice.Chance(25))
        {
            _code.Op(dice.Pick(Environment));
            _height++;
        }

        PushValue((ulong)dice.Below(SlotCount));
        _code.Op((byte)(dice.Chance(80) ? 0x55 : 0x5d));
        _height -= 2;
    }

    /// <summary>Stores what is on top, so that a difference shows in the state.</summary>
    private void Keep()
    {
        Need(1);
        PushValue((ulong)dice.Below(SlotCount));
        _code.Op(0x55);
        _height -= 2;
    }

    private void Memory()
    {
        ulong place = dice.Chance(96) ? (ulong)dice.Below(300) : (ulong)dice.Below(400_000);
        switch (dice.Below(5))
        {
            case 0:
                Need(1);
                PushValue(place);
                _code.Op(0x53);
                _height -= 2;
                break;
            case 1:
                PushValue((ulong)dice.Below(100));
                PushValue((ulong)dice.Below(300));
                PushValue(place);
                _code.Op(0x5e);
                _height -= 3;
                break;
            case 2:
                PushValue((ulong)dice.Below(100));
                PushValue(place);
                _code.Op(0x20);
                _height--;
                break;
            case 3 when dice.Chance(4):
                PushValue(dice.Word());
                _code.Op(0x51);
                break;
            default:
                Need(1);
                PushValue(place);
                _code.Op(0x52);
                _height -= 2;
                break;
        }
    }

    private void Log()
    {
        int topics = dice.Below(5);
        for (int i = 0; i < topics; i++) PushValue(dice.Word());
        PushValue((ulong)dice.Below(70));
        PushValue((ulong)dice.Below(200));
        _code.Op((byte)(0xa0 + topics));
        _height -= 2 + topics;
    }

    private void Copy()
    {
        byte opcode = dice.Pick<byte>([0x37, 0x39, 0x3c]);
        PushValue((ulong)dice.Below(100));
        PushValue(dice.Chance(90) ? (ulong)dice.Below(200) : dice.Word());
        PushValue((ulong)dice.Below(200));
        if (opcode == 0x3c) PushAddress();
        _code.Op(opcode);
        _height -= opcode == 0x3c ? 4 : 3;
    }

    private void ReturnData()
    {
        // RETURNDATACOPY beyond the end fails, so most copies are as long as there is data.
        if (dice.Chance(80))
        {
            _code.Op(0x3d).Push(0).Push((ulong)dice.Below(100)).Op(0x3e);
            return;
        }

        _code.Push((ulong)dice.Below(40)).Push((ulong)dice.Below(3)).Push((ulong)dice.Below(100)).Op(0x3e);
    }

    private void Call()
    {
        byte opcode = dice.Pick<byte>([0xf1, 0xf1, 0xf1, 0xf2, 0xf4, 0xfa]);
        CallRegions((ulong)dice.Below(100));
        if (opcode is 0xf1 or 0xf2) PushValue(dice.Chance(70) ? 0 : (ulong)dice.Below(3));
        PushAddress();
        PushCallGas();
        _code.Op(opcode);
        _height -= opcode is 0xf1 or 0xf2 ? 6 : 5;
    }

    private void CallPrecompile()
    {
        Address precompile = dice.Pick(world.Precompiles);
        byte[] input = PrecompileInputs.For(precompile, dice);
        byte opcode = dice.Pick<byte>([0xf1, 0xf1, 0xf2, 0xf4, 0xfa]);
        _code.Load(0, input);
        PushValue((ulong)dice.Below(130));
        PushValue(0);
        PushValue((ulong)input.Length);
        PushValue(0);
        if (opcode is 0xf1 or 0xf2) PushValue(dice.Chance(85) ? 0 : 1);
        _code.Push(precompile);
        _height++;
        if (dice.Chance(70)) Push(0x5a);
        else PushCallGas();
        _code.Op(opcode);
        _height -= opcode is 0xf1 or 0xf2 ? 6 : 5;
        _code.Push(0).Op(0x51);
        _height++;
        Keep();
        Keep();
    }

    private void Create(int depth)
    {
        bool hasSalt = dice.Chance(50);
        byte[] initCode = new CodeGenerator(setup, dice, world).InitCode(depth + 1);
        _code.Load(0, initCode);
        if (hasSalt) PushValue((ulong)dice.Below(3));
        PushValue((ulong)initCode.Length);
        PushValue(0);
        PushValue(dice.Chance(80) ? 0 : (ulong)dice.Below(3));
        _code.Op((byte)(hasSalt ? 0xf5 : 0xf0));
        _height -= hasSalt ? 3 : 2;
        if (dice.Chance(50))
        {
            // Calls what was created, at once: it can destroy itself in its own transaction.
            _code.Push(0).Push(0).Push(0).Push(0).Push(0).Op(0x85, 0x5a, 0xf1, 0x50);
        }

        if (dice.Chance(50)) Keep();
    }

    private void SkipAhead(int depth)
    {
        PushValue(dice.Below(3) == 0 ? 0 : 1);
        int place = _code.PushLater();
        _code.Op(0x57);
        _height--;
        int before = _height;
        for (int i = dice.Between(1, 2); i > 0; i--) Piece(depth);
        while (_height > before)
        {
            _code.Op(0x50);
            _height--;
        }

        while (_height < before) PushValue(0);
        _code.Patch(place, _code.Position);
        _code.Op(0x5b);
    }

    /// <summary>Counts down from a few.</summary>
    private void Loop()
    {
        PushValue((ulong)dice.Between(1, 20));
        int start = _code.Position;
        _code.Op(0x5b).Push(1).Op(0x90, 0x03, 0x80).Push((ulong)dice.Below(SlotCount)).Op(0x54, 0x50);
        _code.Push((ulong)dice.Below(100)).Push(0).Op(0x20, 0x50, 0x80).Push((ulong)start).Op(0x57);

        // The loop left what it did not drop: the copies of the counter.
        _height++;
    }

    /// <summary>Something that ends the frame, or eats its gas.</summary>
    private void Break()
    {
        switch (dice.Below(6))
        {
            case 0:
                _code.Op(0x5b).Push(1).Push((ulong)_code.Position - 3).Op(0x56);
                break;
            case 1:
                for (int i = 0; i <= _height; i++) _code.Op(0x50);
                break;
            case 2:
                _code.Op(0xfe);
                break;
            case 3:
                _code.Push(dice.Word()).Op(0x56);
                break;
            case 4:
                _code.Op(dice.Pick<byte>([0x0c, 0x21, 0x4b, 0xb0, 0xd0, 0xe0, 0xef, 0xf6]));
                break;
            default:
                _code.Push(dice.Word()).Push(dice.Word()).Op(dice.Pick<byte>([0x20, 0xf3, 0xfd, 0xa0]));
                break;
        }
    }

    private void End()
    {
        switch (dice.Below(12))
        {
            case < 2:
                Need(1);
                _code.Push(0).Op(0x52).Push(32).Push(0).Op(0xf3);
                break;
            case 2:
                _code.Push((ulong)dice.Below(70)).Push((ulong)dice.Below(40)).Op(0xf3);
                break;
            case 3:
                _code.Push((ulong)dice.Below(70)).Push((ulong)dice.Below(40)).Op(0xfd);
                break;
            case 4:
                PushAddress();
                _code.Op(0xff);
                break;
            case < 7:
                Keep();
                _code.Op(0x00);
                break;
            default:
                _code.Op(0x00);
                break;
        }
    }

    private void CallRegions(ulong inputLength)
    {
        PushValue((ulong)dice.Below(70));
        PushValue((ulong)dice.Below(100));
        PushValue(inputLength);
        PushValue((ulong)dice.Below(100));
    }

    private void PushCallGas()
    {
        switch (dice.Below(6))
        {
            case < 3:
                Push(0x5a);
                break;
            case 3:
                _code.Op(0x5a).Push((ulong)dice.Between(1, 3)).Op(0x1c);
                _height++;
                break;
            case 4:
                PushValue(dice.Pick<ulong>([0, 1, 100, 700, 2_300, 2_600, 5_000, 21_000, 40_000]));
                break;
            default:
                PushValue(dice.Word());
                break;
        }
    }

    private void PushAddress()
    {
        switch (dice.Below(12))
        {
            case 0:
                Push(0x30);
                break;
            case 1:
                Push(dice.Pick<byte>([0x32, 0x33, 0x41]));
                break;
            case 2 when _height > 0:
                Push(0x80);
                break;
            default:
                _code.Push(world.AnyAddress(dice));
                _height++;
                break;
        }
    }

    private void PushValue(UInt256 value)
    {
        _code.Push(value, dice.Chance(5) ? dice.Below(4) : 0);
        _height++;
    }

    private void Push(byte opcode)
    {
        _code.Op(opcode);
        _height++;
    }

    private void Need(int count)
    {
        while (_height > StackMax)
        {
            _code.Op(0x50);
            _height--;
        }

        while (_height < count) PushValue(dice.Word());
    }
}
