using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Fragcast.Perf.Evm;

/// <summary>What another EVM did with a program: what has to come out, and the time it took.</summary>
/// <param name="Gas">Gas used by the transaction.</param>
/// <param name="IsSuccess">Whether it succeeded.</param>
/// <param name="Output">Keccak-256 of the output.</param>
/// <param name="Logs">Keccak-256 of the logs, see <see cref="Digests"/>.</param>
/// <param name="Storage">Keccak-256 of the slots that changed, see <see cref="Digests"/>.</param>
/// <param name="TransactionUs">
/// Least processor time of the whole transaction, in microseconds; null where only the result is recorded.
/// </param>
/// <param name="ExecutionUs">
/// Least processor time of the interpreter alone, code analysed before, in microseconds.
/// </param>
internal sealed record ReferenceRun(
    ulong Gas,
    bool IsSuccess,
    string Output,
    string Logs,
    string Storage,
    double? TransactionUs,
    double? ExecutionUs);

/// <summary>Times of another EVM that the project's goals are stated in.</summary>
/// <param name="Source">Where they are from.</param>
/// <param name="ProgramsUs">Processor time of the whole transaction by the program's full name.</param>
internal sealed record StatedTimes(string Source, IReadOnlyDictionary<string, double> ProgramsUs);

/// <summary>Results and times of another EVM, recorded once, with their provenance.</summary>
/// <param name="Source">The EVM, its version and how it was built.</param>
/// <param name="Machine">Where it ran.</param>
/// <param name="Method">What exactly was measured.</param>
/// <param name="YardstickUs">What <see cref="Yardstick"/> gave there, in microseconds.</param>
/// <param name="Stated">What the goals of some programs are stated in.</param>
/// <param name="Programs">Runs by the program's full name.</param>
internal sealed record ReferenceTable(
    string Source,
    string Machine,
    string Method,
    double YardstickUs,
    StatedTimes Stated,
    IReadOnlyDictionary<string, ReferenceRun> Programs)
{
    private const string FileName = "evmone.json";

    /// <summary>Reads the table that lies beside the binary.</summary>
    public static ReferenceTable Load()
    {
        string path = Path.Combine(AppContext.BaseDirectory, "EvmData", FileName);
        if (!File.Exists(path)) throw new PerfDataException($"the reference figures '{path}' are missing: build anew");
        return JsonSerializer.Deserialize(File.ReadAllText(path), ReferenceJson.Default.ReferenceTable)!;
    }

    /// <summary>The recorded run of a program, or null.</summary>
    public ReferenceRun? Find(EvmProgram program) => Programs.GetValueOrDefault(program.FullName);

    /// <summary>The stated time of a program in microseconds, or null.</summary>
    public double? StatedUs(EvmProgram program) =>
        Stated.ProgramsUs.TryGetValue(program.FullName, out double us) ? us : null;
}

/// <summary>
/// A fixed piece of arithmetic whose time depends on the clock rate only: tells how fast this machine is beside the
/// one on which the reference figures were taken.
/// </summary>
internal static class Yardstick
{
    private const int Steps = 1_000_000;
    private const int Tries = 41;

    /// <summary>The median processor time of a million dependent multiplications, in microseconds.</summary>
    public static double MeasureUs()
    {
        long[] times = new long[Tries];
        ulong state = 88172645463325252;
        for (int i = 0; i < Tries; i++)
        {
            long start = ThreadClock.NowNs();
            state = Step(state);
            times[i] = ThreadClock.Since(start);
        }

        GC.KeepAlive(state);
        Array.Sort(times);
        return times[Tries / 2] / 1e3;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static ulong Step(ulong state)
    {
        for (int i = 0; i < Steps; i++)
        {
            state = state * 6364136223846793005 + 1442695040888963407;
            state ^= state >> 29;
        }

        return state;
    }
}

/// <summary>How the table is read: camel case, no reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ReferenceTable))]
internal sealed partial class ReferenceJson : JsonSerializerContext;
