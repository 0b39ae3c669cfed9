using Fragcast.Node.Cli;

return CommandLine.Run(args);
