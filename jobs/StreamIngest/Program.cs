using Pipeline.Jobs.StreamIngest;
using Pipeline.Suite.Runtime.Jobs;

return await JobHost.RunAsync(args, new StreamIngestJob());
