using System.Runtime.CompilerServices;

namespace Fragcast.Execution.Evm.Decoding;

/// <summary>Decodes what a machine runs, and keeps it within a bound. One thread.</summary>
internal sealed unsafe class Decoder
{
    /// <summary>Memory for decoded code after which all of it is forgotten, between executions.</summary>
    public const long SizeMax = 64 << 20;

    /// <summary>Codes after which it is; each takes address space for all that it may ever be decoded to.</summary>
    public const int CodesMax = 1024;

    private readonly Dictionary<CodeEntry, DecodedCode> _codes = [];
    private readonly TraceReader _reader;
    private readonly TraceWriter _writer;
    private long _size;

    public Decoder()
    {
        var draft = new Draft();
        _reader = new TraceReader(draft);
        _writer = new TraceWriter(draft);
    }

    /// <summary>Makes room; not while a frame is under way.</summary>
    public void Trim()
    {
        if (_size > SizeMax || _codes.Count > CodesMax)
        {
            foreach (var code in _codes.Values)
            {
                code.Dispose();
            }

            _codes.Clear();
            _size = 0;
        }
    }

    /// <summary>What is decoded of the code that a frame runs.</summary>
    public DecodedCode CodeOf(CodeEntry entry, InstructionTable instructions)
    {
        if (!_codes.TryGetValue(entry, out var code) || code.Instructions != instructions)
        {
            _codes[entry] = code = new DecodedCode(entry.Length, instructions);
            _size += code.Size;
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

        var before = code.Size;
        _reader.Read(frame, pc, code.IsCrowded);
        var trace = _writer.Write(code);
        _size += code.Size - before;
        if (trace != null)
        {
            code.SetEntry(pc, trace);
        }

        return trace;
    }
}
