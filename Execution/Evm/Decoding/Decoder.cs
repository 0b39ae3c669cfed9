using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Fragcast.Execution.Evm.Decoding;

/// <summary>Decodes what a machine runs, and keeps it within a bound. One thread.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A machine ends when it is collected, and its memory with it.")]
internal sealed unsafe class Decoder
{
    /// <summary>Memory for decoded code after which all of it is forgotten, between executions.</summary>
    public const long SizeMax = 64 << 20;

    // Keeps codes alive that nothing else refers to any more.
    private const int CodesMax = 1 << 13;

    private readonly Dictionary<CodeEntry, DecodedCode> _codes = [];
    private readonly DecodedMemory _memory = new();
    private readonly TraceReader _reader;
    private readonly TraceWriter _writer;

    public Decoder()
    {
        var draft = new Draft();
        _reader = new TraceReader(draft);
        _writer = new TraceWriter(draft);
    }

    /// <summary>Makes room; not while a frame is under way.</summary>
    public void Trim()
    {
        if (_memory.Used > SizeMax || _codes.Count > CodesMax)
        {
            _codes.Clear();
            _memory.Clear();
        }
    }

    /// <summary>What is decoded of the code that a frame runs; null if there is no room for it.</summary>
    public DecodedCode? CodeOf(CodeEntry entry, InstructionTable instructions)
    {
        if (_codes.TryGetValue(entry, out var known) && known.Instructions == instructions)
        {
            return known;
        }

        var code = DecodedCode.TryCreate(entry.Length, instructions, _memory);
        if (code is not null)
        {
            _codes[entry] = code;
        }

        return code;
    }

    /// <summary>Decodes the trace that starts at an offset; null if there is no room for it.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public Op* Decode(Frame frame, DecodedCode code, int pc)
    {
        if (code.IsFull)
        {
            return null;
        }

        _reader.Read(frame, pc, code.IsCrowded);
        var trace = _writer.Write(code);
        if (trace != null)
        {
            code.SetEntry(pc, trace);
        }

        return trace;
    }
}
