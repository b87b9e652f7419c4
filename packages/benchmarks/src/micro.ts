console.log("see micro");
