using Pipeline.Tests.Benchmarks;

return await BenchmarkProgram.RunAsync(args);
