using Pipeline.Jobs.HdfsEnrich;
using Pipeline.Suite.Runtime.Jobs;

return await JobHost.RunAsync(args, new HdfsEnrichJob());
