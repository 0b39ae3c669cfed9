using System.CommandLine;
using Fragcast.Perf;

return Cli.Run(args, new InvocationConfiguration());
