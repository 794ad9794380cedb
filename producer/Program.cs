using Pipeline.Producer.CommandLine;

return await ProducerProgram.RunAsync(args, ProgramConsole.OfProcess());
