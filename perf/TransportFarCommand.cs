using System.CommandLine;
using Fragcast.Perf.Transport;

namespace Fragcast.Perf;

/// <summary>The second process of <c>fragcast-perf transport --only processes</c>; nothing for an operator.</summary>
internal static class TransportFarCommand
{
    public const string Name = "transport-far";

    public static Command Create()
    {
        Argument<string> engine = new("engine") { Description = "The engine's name." };
        Argument<int> port = new("raw-port") { Description = "Where the other side's raw socket is." };
        Command command = new(Name, "Sends everything back, until the input ends.") { engine, port };
        command.Hidden = true;
        command.SetAction(arguments =>
        {
            bool isHere = FarProcess.Serve(
                arguments.GetValue(engine)!, arguments.GetValue(port), Console.In,
                arguments.InvocationConfiguration.Output);
            return isHere ? ExitCode.Good : ExitCode.BadInput;
        });
        return command;
    }
}
