using Pipeline.Jobs.Cli;

return await PipelineProgram.RunAsync(args);
