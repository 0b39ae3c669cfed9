using System.Runtime.CompilerServices;
using Fragcast.Primitives;

namespace Fragcast.Execution.Evm;

/// <summary>Bodies of instructions on memory, call data, code and return data, and of the logs.</summary>
internal static unsafe class MemoryOps
{
    private const long GasPerWord = 3;
    private const long KeccakGasPerWord = 6;
    private const long LogGasPerByte = 8;

    public static long MLoad(Frame frame, UInt256* sp, long gas)
    {
        gas = frame.EnsureMemory(sp[0], 32, gas);
        if (gas >= 0)
        {
            Words.Load(frame.Memory + sp->U0, sp);
        }

        return gas;
    }

    public static long MStore(Frame frame, UInt256* sp, long gas)
    {
        gas = frame.EnsureMemory(sp[0], 32, gas);
        if (gas >= 0)
        {
            Words.Store(sp - 1, frame.Memory + sp->U0);
        }

        return gas;
    }

    public static long MStore8(Frame frame, UInt256* sp, long gas)
    {
        gas = frame.EnsureMemory(sp[0], 1, gas);
        if (gas >= 0)
        {
            frame.Memory[sp->U0] = (byte)sp[-1].U0;
        }

        return gas;
    }

    /// <summary>EIP-5656.</summary>
    public static long MCopy(Frame frame, UInt256* sp, long gas)
    {
        ref readonly var length = ref sp[-2];
        gas = ChargeWords(length, GasPerWord, gas);

        // In one step: an instruction that fails has changed nothing, so that another tier may execute it again.
        gas = gas < 0 ? gas : frame.EnsureMemory(sp[0] < sp[-1] ? sp[-1] : sp[0], length, gas);
        if (gas >= 0)
        {
            frame.MemorySpan(sp[-1], length).CopyTo(frame.MemorySpan(sp[0], length));
        }

        return gas;
    }

    public static long Keccak(Frame frame, UInt256* sp, long gas) => Keccak(frame, sp[0], sp[-1], sp - 1, gas);

    /// <summary>The hash of a range of memory; the result may lie where an operand does.</summary>
    public static long Keccak(Frame frame, in UInt256 offset, in UInt256 length, UInt256* result, long gas)
    {
        gas = ChargeWords(length, KeccakGasPerWord, gas);
        gas = gas < 0 ? gas : frame.EnsureMemory(offset, length, gas);
        if (gas < 0)
        {
            return gas;
        }

        if (length.U0 == HashCache.InputLength)
        {
            frame.Machine.Hashes.Hash(frame.Memory + offset.U0, result);
        }
        else
        {
            *result = Keccak256.Hash(frame.MemorySpan(offset, length)).ToUInt256();
        }

        return gas;
    }

    public static long CallDataLoad(Frame frame, UInt256* sp, long gas)
    {
        var length = (ulong)frame.InputLength;
        if (sp->FitsUInt64 && length >= 32 && sp->U0 <= length - 32)
        {
            Words.Load(frame.Input + sp->U0, sp);
        }
        else
        {
            LoadPartly(frame, sp);
        }

        return gas;
    }

    public static long CallDataCopy(Frame frame, UInt256* sp, long gas) =>
        Copy(frame, sp, new ReadOnlySpan<byte>(frame.Input, frame.InputLength), gas);

    public static long CodeCopy(Frame frame, UInt256* sp, long gas) =>
        Copy(frame, sp, new ReadOnlySpan<byte>(frame.Code, frame.CodeLength), gas);

    /// <summary>EIP-211: unlike call data, return data may not be read past its end.</summary>
    public static long ReturnDataCopy(Frame frame, UInt256* sp, long gas)
    {
        var size = (ulong)frame.ReturnDataLength;
        if (!sp[-1].FitsUInt64 || !sp[-2].FitsUInt64 || sp[-2].U0 > size || sp[-1].U0 > size - sp[-2].U0)
        {
            return Fault.ReturnDataOutOfBounds;
        }

        return Copy(frame, sp, new ReadOnlySpan<byte>(frame.ReturnData, frame.ReturnDataLength), gas);
    }

    /// <summary>
    /// Copies from <paramref name="source"/>, which zeros follow, to memory: destination, source offset and length are
    /// the top three words.
    /// </summary>
    public static long Copy(Frame frame, UInt256* sp, ReadOnlySpan<byte> source, long gas)
    {
        ref readonly var length = ref sp[-2];
        gas = ChargeWords(length, GasPerWord, gas);
        gas = gas < 0 ? gas : frame.EnsureMemory(sp[0], length, gas);
        if (gas < 0)
        {
            return gas;
        }

        var target = frame.MemorySpan(sp[0], length);
        var start = sp[-1].FitsUInt64 ? (int)Math.Min(sp[-1].U0, (ulong)source.Length) : source.Length;
        var available = source[start..];
        if (available.Length >= target.Length)
        {
            available[..target.Length].CopyTo(target);
        }
        else
        {
            available.CopyTo(target);
            target[available.Length..].Clear();
        }

        return gas;
    }

    public static long Log0(Frame frame, UInt256* sp, long gas) => Log(frame, sp, gas, 0);

    public static long Log1(Frame frame, UInt256* sp, long gas) => Log(frame, sp, gas, 1);

    public static long Log2(Frame frame, UInt256* sp, long gas) => Log(frame, sp, gas, 2);

    public static long Log3(Frame frame, UInt256* sp, long gas) => Log(frame, sp, gas, 3);

    public static long Log4(Frame frame, UInt256* sp, long gas) => Log(frame, sp, gas, 4);

    /// <summary>Charges for the words that <paramref name="length"/> bytes take.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long ChargeWords(in UInt256 length, long gasPerWord, long gas)
    {
        // No gas pays for 2^32 bytes, because memory must hold them.
        if (!length.FitsUInt64 || length.U0 > uint.MaxValue)
        {
            return Fault.OutOfGas;
        }

        gas -= gasPerWord * (long)((length.U0 + 31) >> 5);
        return gas < 0 ? Fault.OutOfGas : gas;
    }

    [SkipLocalsInit]
    private static long Log(Frame frame, UInt256* sp, long gas, int topicCount)
    {
        if (frame.IsStatic)
        {
            return Fault.StaticViolation;
        }

        ref readonly var length = ref sp[-1];
        if (!length.FitsUInt64 || length.U0 > uint.MaxValue || gas < LogGasPerByte * (long)length.U0)
        {
            return Fault.OutOfGas;
        }

        // Last, so that an instruction that fails has changed nothing.
        gas = frame.EnsureMemory(sp[0], length, gas - (LogGasPerByte * (long)length.U0));
        if (gas < 0)
        {
            return gas;
        }

        Span<Hash256> topics = stackalloc Hash256[topicCount];
        for (var i = 0; i < topics.Length; i++)
        {
            topics[i] = Hash256.FromUInt256(sp[-2 - i]);
        }

        frame.Machine.State.AddLog(frame.SelfAddress, topics, frame.MemorySpan(sp[0], length));
        return gas;
    }

    [SkipLocalsInit]
    private static void LoadPartly(Frame frame, UInt256* sp)
    {
        Span<byte> word = stackalloc byte[32];
        word.Clear();
        if (sp->FitsUInt64 && sp->U0 < (ulong)frame.InputLength)
        {
            new ReadOnlySpan<byte>(frame.Input, frame.InputLength)[(int)sp->U0..].CopyTo(word);
        }

        *sp = UInt256.FromBigEndian(word);
    }
}
