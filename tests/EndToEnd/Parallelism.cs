using NUnit.Framework;

// Most tests wait for a program that starts, on one core: two fixtures at a time use both. Those that measure, or bring up Spark, say [NonParallelizable] and run by themselves afterwards.
[assembly: Parallelizable(ParallelScope.Fixtures)]
[assembly: LevelOfParallelism(2)]
