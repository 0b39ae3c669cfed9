using System.Reflection;
using System.Runtime;
using System.Runtime.InteropServices;

namespace Fragcast.Primitives.Reporting;

/// <summary>
/// What a figure depends on besides the program: the machine, its kernel, the runtime and its collector.
/// </summary>
public sealed record MachineInfo
{
    /// <summary>The processor's model, or its architecture where the system does not tell.</summary>
    public required string Cpu { get; init; }

    /// <summary>The cores this process may use.</summary>
    public required int Cores { get; init; }

    /// <summary>The memory this process may use, in bytes.</summary>
    public required long MemoryBytes { get; init; }

    /// <summary>The operating system with its version.</summary>
    public required string Os { get; init; }

    /// <summary>The version of the kernel.</summary>
    public required string Kernel { get; init; }

    /// <summary>The runtime with its version.</summary>
    public required string Runtime { get; init; }

    /// <summary>The collector: "workstation" or "server", followed by "concurrent" where it is.</summary>
    public required string Gc { get; init; }

    /// <summary>Asks the system. Never fails: what it does not tell is named "unknown".</summary>
    public static MachineInfo Read() => new()
    {
        Cpu = ReadCpuModel() ?? RuntimeInformation.ProcessArchitecture.ToString(),
        Cores = Environment.ProcessorCount,
        MemoryBytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
        Os = RuntimeInformation.OSDescription,
        Kernel = FirstLine("/proc/sys/kernel/osrelease") ?? Environment.OSVersion.VersionString,
        Runtime = RuntimeInformation.FrameworkDescription,
        Gc = (GCSettings.IsServerGC ? "server" : "workstation") + (IsConcurrentGc() ? " concurrent" : ""),
    };

    /// <summary>
    /// The commit that <paramref name="program"/> was built from: the build appends it to the informational version
    /// after a plus sign.
    /// </summary>
    /// <returns>The commit's hash, or "unknown" when it was built outside of a repository.</returns>
    public static string CommitOf(Assembly program)
    {
        string? version = program.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
        int plus = version?.IndexOf('+', StringComparison.Ordinal) ?? -1;
        return plus < 0 ? "unknown" : version![(plus + 1)..];
    }

    /// <summary>One line for people.</summary>
    public override string ToString() =>
        $"{Cpu}, {Cores} cores, {MemoryBytes / (1 << 20)} MiB, {Os}, kernel {Kernel}, {Runtime}, GC {Gc}";

    private static bool IsConcurrentGc() =>
        GC.GetConfigurationVariables().TryGetValue("ConcurrentGC", out object? value) && value is true;

    private static string? ReadCpuModel()
    {
        const string Key = "model name";
        foreach (string line in Lines("/proc/cpuinfo"))
        {
            if (line.StartsWith(Key, StringComparison.Ordinal))
                return line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
        }

        return null;
    }

    private static string? FirstLine(string path) => Lines(path) is [{ } first, ..] ? first : null;

    private static string[] Lines(string path)
    {
        try
        {
            return File.Exists(path) ? File.ReadAllLines(path) : [];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
