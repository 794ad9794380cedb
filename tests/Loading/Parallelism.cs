using NUnit.Framework;

// The tests wait for disks and brokers between their work: two at a time use both processors.
[assembly: Parallelizable(ParallelScope.Fixtures)]
[assembly: LevelOfParallelism(2)]
