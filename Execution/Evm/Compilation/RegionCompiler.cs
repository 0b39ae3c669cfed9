using System.Diagnostics.CodeAnalysis;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using Fragcast.Execution.Evm.Analysis;
using Fragcast.Primitives;

namespace Fragcast.Execution.Evm.Compilation;

/// <summary>Compiles regions to machine code, by way of IL. Any thread.</summary>
internal static unsafe class RegionCompiler
{
    private static readonly Type[] Parameters =
        [typeof(object), typeof(Frame), typeof(UInt256*), typeof(long)];

    // A delegate that is closed over an object is called without shifting its arguments.
    private static readonly object Target = new();

    /// <summary>Compiles the region that starts at a block; takes about a millisecond.</summary>
    [RequiresDynamicCode("Emits IL.")]
    public static RegionBody Compile(
        ReadOnlyMemory<byte> code, BlockMap map, FlowGraph flow, int entry, out int size)
    {
        var method = new DynamicMethod(
            "Region", typeof(RegionExit), Parameters, typeof(RegionCompiler).Module, skipVisibility: true)
        {
            InitLocals = false,
        };
        var il = new IlWriter(method.GetILGenerator());
        new RegionEmitter(il, code, map, flow).Emit(entry);
        size = il.Size;
        var body = method.CreateDelegate<RegionBody>(Target);
        RuntimeHelpers.PrepareDelegate(body);
        return body;
    }
}
