GPUAdapter.prototype.requestDevice = () => Promise.reject(new Error("the driver is gone"));
